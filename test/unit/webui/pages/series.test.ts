import assert from "node:assert/strict";
import { test } from "node:test";
import { lastOf, lonePoints, perMinute, timesOf } from "../../../../services/webui/pages/activity/series.ts";

test("a step of 10 seconds counts six times in a minute, one of 15 minutes a fifteenth", () => {
  assert.deepEqual([perMinute([1, 0], 10), perMinute([10], 900)], [[6, 0], [0.7]]);
});

test("each step has the time at which it begins", () => {
  assert.deepEqual(timesOf({ from: 600, seconds: 10, success: [1, 2, 3] }), [600, 610, 620]);
});

test("the last value is given in words", () => {
  assert.deepEqual([lastOf([1, 12_345]), lastOf([1, null]), lastOf([]), lastOf(undefined)], ["12,345", "–", "–", "–"]);
});

test("a value without neighbours is shown as a point", () => {
  assert.deepEqual([lonePoints([null, 5, null, 1, 2, null, 0]), lonePoints([]), lonePoints([7])], [[1, 6], [], [0]]);
});
