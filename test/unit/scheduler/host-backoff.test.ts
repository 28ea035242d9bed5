import assert from "node:assert/strict";
import { test } from "node:test";
import { afterAnswer, afterRefusal, type HostBackoff, MAX_BACKOFF_SECONDS, NO_BACKOFF } from "../../../services/scheduler/host-backoff.ts";
import { HostLimiter } from "../../../services/scheduler/host-limiter.ts";

const NOW = 1_000_000;
const certain = (since: number) => ({ isCertain: true, since });
const unavailable = (since: number) => ({ isCertain: false, since });

test("each refusal doubles the delay of a host, up to five minutes", () => {
  const seconds: number[] = [];
  let backoff = NO_BACKOFF;
  for (let now = NOW; now < NOW + 12; now++) {
    backoff = afterRefusal(backoff, certain(now), now);
    seconds.push(backoff.seconds);
  }

  assert.deepEqual(seconds, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
  assert.equal(seconds.at(-1), MAX_BACKOFF_SECONDS);
});

test("pages that were on the way at a refusal count as the same refusal", () => {
  const first = afterRefusal(NO_BACKOFF, certain(NOW), NOW + 1);

  const later = afterRefusal(first, certain(NOW), NOW + 2);

  assert.deepEqual([later.seconds, later.since], [1, NOW + 1]);
});

test("a single 503 changes nothing; the third in a row is a refusal", () => {
  const after = (count: number) => {
    let backoff: HostBackoff = NO_BACKOFF;
    for (let index = 0; index < count; index++) backoff = afterRefusal(backoff, unavailable(NOW), NOW);
    return backoff.seconds;
  };

  assert.deepEqual([after(1), after(2), after(3)], [0, 0, 1]);
  const answered = afterAnswer(afterRefusal(afterRefusal(NO_BACKOFF, unavailable(NOW), NOW), unavailable(NOW), NOW));
  assert.equal(afterRefusal(answered, unavailable(NOW), NOW).seconds, 0, "an answer between");
});

test("some thirty answers lead back to full speed", () => {
  let backoff = afterRefusal(NO_BACKOFF, certain(NOW), NOW);
  let answers = 0;
  for (; backoff.seconds > 0; answers++) backoff = afterAnswer(backoff);

  assert.ok(answers > 20 && answers < 40, `${answers}`);
});

test("a refusing host gets one page per delay, and other hosts are not delayed", () => {
  const limiter = new HostLimiter();
  const seconds = limiter.refused("a", certain(NOW), NOW);

  assert.deepEqual([seconds, limiter.room("a", NOW), limiter.room("a", NOW + 1), limiter.room("b", NOW)], [1, 0, 1, Infinity]);
  limiter.acquire("a", NOW + 1);
  assert.equal(limiter.room("a", NOW + 1.5), 0, "the next page waits as long");
});

test("answers of pages that were sent before the refusal do not end it", () => {
  const limiter = new HostLimiter();
  limiter.refused("a", certain(NOW), NOW);

  for (let count = 0; count < 50; count++) limiter.answered("a", NOW - 1);
  const before = limiter.room("a", NOW + 0.5);
  for (let count = 0; count < 50; count++) limiter.answered("a", NOW + 1);

  assert.deepEqual([before, limiter.room("a", NOW + 1)], [0, Infinity]);
});
