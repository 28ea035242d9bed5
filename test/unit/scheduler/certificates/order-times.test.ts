import assert from "node:assert/strict";
import { test } from "node:test";
import { resultOf } from "../../../../services/scheduler/certificates/issuer.ts";
import { renewalTime, retryAfterSeconds, retryTime } from "../../../../services/scheduler/certificates/order-times.ts";

const HOUR = 3_600;
const DAY = 24 * HOUR;

for (const [days, earliest, latest] of [
  [90, 55.5, 60],
  [6, 3.7, 4],
] as const) {
  test(`a certificate for ${days} days is renewed after ${earliest} to ${latest} days`, () => {
    const days_ = (random: number) => renewalTime({ notBefore: 0, notAfter: days * DAY }, random) / DAY;

    assert.deepEqual(
      [days_(1), days_(0)].map((value) => Math.round(value * 10) / 10),
      [earliest, latest],
    );
  });
}

test("failed orders are retried after 2 minutes, then after twice the delay each time, up to 4 hours", () => {
  const minutes = Array.from({ length: 10 }, (_, index) => retryTime(0, { failures: index + 1 }) / 60);

  assert.deepEqual(minutes, [2, 4, 8, 16, 32, 64, 128, 240, 240, 240]);
});

test("the first hour has at most five orders, which is Let's Encrypt's limit for failures of a name", () => {
  let [time, orders] = [0, 0];
  while (time < HOUR) {
    orders += 1;
    time = retryTime(time, { failures: orders });
  }

  assert.equal(orders, 5);
});

test("a thousand failures cause no overflow", () => {
  assert.equal(retryTime(0, { failures: 1_000 }), 4 * HOUR);
});

test("the CA's requested delay applies, even if it is longer than our limit", () => {
  assert.deepEqual(
    [30, 300, 7 * DAY].map((seconds) => retryTime(1_000, { failures: 1, retryAfterSeconds: seconds }) - 1_000),
    [120, 300, 7 * DAY],
  );
});

for (const [header, seconds] of [
  ["120", 120],
  [" 5 ", 5],
  ["Thu, 01 Jan 1970 01:00:00 GMT", 3_500],
  ["Thu, 01 Jan 1970 00:00:10 GMT", 0],
  ["Fri, 01 Jan 2100 00:00:00 GMT", 7 * DAY],
  ["999999999", 7 * DAY],
  ["soon", 0],
  ["-5", 0],
  ["99999999999999999999", 0],
  [null, 0],
] as const) {
  test(`Retry-After: ${header} requests ${seconds} s`, () => {
    assert.equal(retryAfterSeconds(header, 100), seconds);
  });
}

test("a failure increases the count, and a certificate resets it", () => {
  const issued = { chain: "chain", privateKey: "key", notBefore: 0, notAfter: 90 * DAY };
  const at = { now: 1_000, random: 0 };

  assert.deepEqual(resultOf({ problem: "refused", retryAfterSeconds: 0 }, 2, at), { problem: "refused", failures: 3, nextOrder: 1_480 });
  assert.deepEqual(resultOf(issued, 2, at), { chain: "chain", privateKey: "key", notAfter: 90 * DAY, nextOrder: 60 * DAY });
});
