import assert from "node:assert/strict";
import { test } from "node:test";
import { nanoseconds } from "../../../../lab/providers/docker/units.ts";

const durations: [string, number][] = [
  ["0s", 0],
  ["300ms", 3e8],
  ["1m30s", 9e10],
  ["1.5h", 5.4e12],
];
for (const [text, expected] of durations) {
  test(`${text} is ${expected} ns`, () => {
    assert.equal(nanoseconds(text), expected);
  });
}

test("an invalid duration is refused", () => {
  for (const text of ["", "5", "s", "5 s", "5d", "x5s"]) assert.throws(() => nanoseconds(text), RangeError, text);
});
