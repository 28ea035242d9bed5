import assert from "node:assert/strict";
import { test } from "node:test";
import { infoOf } from "../../../services/sdk/crawler.ts";
import { catchesStatusCodeError, catchStatusCodeError, cron, every, everySecondsOf } from "../../../services/sdk/decorators.ts";
import { begin, methodContext, Script } from "../../fixtures/crawling.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

test("@every adds its parts, and refuses values that are not whole seconds", () => {
  const method = () => {};

  every({ minutes: 1, seconds: 30 })(method, methodContext);

  assert.equal(everySecondsOf(method), 90);
  for (const bad of [{ weeks: 1 }, { seconds: 0.5 }, "0s", "soon", { hours: -1 }]) assert.throws(() => every(bad as never), /@every takes/);
});

test("a method of the class hides the decorators of an inherited method with the same name", () => {
  begin();
  class Heir extends Script {
    override daily() {}
  }

  const { every: intervals, cron: times } = infoOf(new Heir());

  assert.deepEqual(intervals, []);
  assert.equal(times?.length, 2);
});

test("@cron refuses invalid times, times that never occur, and unknown zones and options", () => {
  assert.throws(() => cron("25 * * *"), /@cron expects times like/);
  assert.throws(() => cron("0 0 31 2 *"), /@cron "0 0 31 2 \*" never occurs/);
  assert.throws(() => cron("0 4 * * *", { timeZone: "Mars" }), /@cron has an unknown time zone "Mars"/);
  assert.throws(() => cron("0 4 * * *", { timezone: "UTC" } as never), /@cron has no option timezone/);
});

test("@catchStatusCodeError marks the method", () => {
  const method = () => {};

  catchStatusCodeError(method, methodContext);

  assert.equal(catchesStatusCodeError(method), true);
  assert.equal(
    catchesStatusCodeError(() => {}),
    false,
  );
});
