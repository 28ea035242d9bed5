import assert from "node:assert/strict";
import { test } from "node:test";
import { nextAverage, pipelineDepth } from "../../../services/sandbox/pipeline.ts";

for (const [averageMs, depth] of [
  [undefined, 2],
  [0.1, 64],
  [0.5, 50],
  [10, 2],
  [30_000, 2],
] as const) {
  test(`a child with tasks of ${averageMs ?? "unknown"} ms holds ${depth}`, () => {
    assert.equal(pipelineDepth(averageMs), depth);
  });
}

test("each task moves the average by a tenth", () => {
  assert.equal(nextAverage(undefined, 5), 5);
  assert.equal(nextAverage(10, 20), 11);
});
