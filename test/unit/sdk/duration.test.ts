import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDuration } from "../../../services/sdk/duration.ts";

for (const [given, seconds] of [
  [0, 0],
  [1.5, 1.5],
  ["30s", 30],
  ["5m", 300],
  ["12h", 43_200],
  ["10d", 864_000],
  ["1.5h", 5_400],
  ["10", undefined],
  ["10w", undefined],
  ["-1s", undefined],
  [" 1s", undefined],
  [-1, undefined],
  [`${"9".repeat(310)}d`, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  [null, undefined],
] as const) {
  test(`${JSON.stringify(given)} as a duration is ${seconds === undefined ? "refused" : `${seconds} s`}`, () => {
    assert.equal(parseDuration(given), seconds);
  });
}
