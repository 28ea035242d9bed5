import assert from "node:assert/strict";
import { test } from "node:test";
import { nextAverage, pipelineDepth } from "../../../../services/script/sandbox/pipeline.ts";

for (const [averageMs, depth] of [
  [undefined, 2],
  [0.1, 64],
  [0.5, 50],
  [10, 2],
  [30_000, 2],
] as const) {
  test(`a child whose tasks take ${averageMs ?? "unknown"} ms holds ${depth}`, () => {
    assert.equal(pipelineDepth(averageMs), depth);
  });
}

test("the average moves by a tenth towards each task", () => {
  assert.equal(nextAverage(undefined, 5), 5);
  assert.equal(nextAverage(10, 20), 11);
});
