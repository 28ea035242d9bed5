import assert from "node:assert/strict";
import { test } from "node:test";
import { median, ratios, spreads } from "../../bench/figures.ts";

for (const { values, expected } of [
  { values: [3, 1, 2], expected: 2 },
  { values: [4, 1, 2, 3], expected: 2.5 },
  { values: [7], expected: 7 },
  { values: [], expected: NaN },
]) {
  test(`the median of [${values}] is ${expected}`, () => {
    assert.equal(median(values), expected);
  });
}

test("each figure has its own median, minimum and maximum, to three digits", () => {
  const figures = spreads([
    { pagesPerSecond: 1_234.5, cpu: 1 },
    { pagesPerSecond: 1_000, cpu: 3 },
    { pagesPerSecond: 1_100, cpu: 2 },
  ]);

  assert.deepEqual(figures, { pagesPerSecond: { median: 1_100, min: 1_000, max: 1_230 }, cpu: { median: 2, min: 1, max: 3 } });
});

test("a ratio is the median of the rounds' ratios, so that a slow round of both has no effect", () => {
  const ours = [{ speed: 60 }, { speed: 6 }, { speed: 80 }];
  const theirs = [{ speed: 10 }, { speed: 1 }, { speed: 10 }];

  assert.deepEqual(ratios(ours, theirs, ["speed"]), { speed: { median: 6, min: 6, max: 8 } });
});
