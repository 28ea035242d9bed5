import assert from "node:assert/strict";
import { test } from "node:test";
import { dueTicks } from "../../../services/scheduler/ticks.ts";

const tickTable: [string, number, number, number, number[]][] = [
  ["nothing before the interval has passed", 60, 960, 1_019, []],
  ["one when it has", 60, 960, 1_020, [1_020]],
  ["each of several that were missed", 10, 995, 1_020, [1_000, 1_010, 1_020]],
  ["only those of the last minute after a long stand-still", 20, 10, 100_000, [99_960, 99_980, 100_000]],
  ["the last one when the interval is longer than the stand-still", 3_600, 10, 7_300, [7_200]],
  ["none for a project that has just begun", 1, 0, 1_000, []],
];

for (const [name, seconds, lastTick, now, expected] of tickTable) {
  test(`ticks of every: ${name}`, () => {
    assert.deepEqual(
      dueTicks([{ callback: "poll", seconds }], lastTick, now).map(({ at }) => at),
      expected,
    );
  });
}
