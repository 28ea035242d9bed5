import assert from "node:assert/strict";
import { test } from "node:test";
import { infoOf } from "../../../../services/script/api/crawler.ts";
import { catchesStatusCodeError, catchStatusCodeError, cron, every, everySecondsOf } from "../../../../services/script/api/decorators.ts";
import { begin, methodContext, Script } from "../../../fixtures/crawling.ts";
import { connectTestHost } from "../../../fixtures/script-host.ts";

connectTestHost();

test("@every adds up its parts and refuses what is no whole second", () => {
  const method = () => {};

  every({ minutes: 1, seconds: 30 })(method, methodContext);

  assert.equal(everySecondsOf(method), 90);
  for (const bad of [{ weeks: 1 }, { seconds: 0.5 }, "0s", "soon", { hours: -1 }]) assert.throws(() => every(bad as never), /@every takes/);
});

test("a method of the class hides what decorators say of an inherited one of its name", () => {
  begin();
  class Heir extends Script {
    override daily() {}
  }

  const { every: intervals, cron: times } = infoOf(new Heir());

  assert.deepEqual(intervals, []);
  assert.equal(times?.length, 2);
});

test("@cron refuses what is no time, what never comes, and unknown zones and options", () => {
  assert.throws(() => cron("25 * * *"), /@cron takes times like/);
  assert.throws(() => cron("0 0 31 2 *"), /@cron never comes/);
  assert.throws(() => cron("0 4 * * *", { timeZone: "Mars" }), /@cron knows no time zone "Mars"/);
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
