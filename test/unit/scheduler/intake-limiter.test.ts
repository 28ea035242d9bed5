import assert from "node:assert/strict";
import { test } from "node:test";
import { NO_DEBT, record, windowInDebt } from "../../../services/scheduler/intake-limiter.ts";

/** `[second, tasks asked for]`, and the window that a project with one of 100 has at `at`, beside others and alone. */
const CASES: [name: string, asked: [number, number][], at: number, beside: number, alone: number][] = [
  ["a long list causes no delay", [[0, 5_000]], 0, 100, 100],
  ["the longest list delays its project by a second", [[0, 10_000]], 0.9, 0, 100],
  ["after that second the project continues", [[0, 10_000]], 1, 100, 100],
  [
    "debts add up",
    [
      [0, 10_000],
      [0.5, 10_000],
    ],
    2.4,
    0,
    100,
  ],
  [
    "a flood continues with a few tasks while no other project has work",
    [
      [0, 10_000],
      [0, 10_000],
      [0, 10_000],
      [0, 10_000],
    ],
    1,
    0,
    4,
  ],
  ["a sustainable rate causes no debt", Array.from({ length: 100 }, (_, second) => [second, 5_000]), 99, 100, 100],
  ["a clock that is set back reduces no debt", [[100, 10_000]], 0, 0, 100],
];

for (const [name, asked, now, beside, alone] of CASES) {
  test(name, () => {
    const debt = asked.reduce((before, [second, tasks]) => record(before, tasks, second), NO_DEBT);

    const windows = [false, true].map((isAlone) => windowInDebt(debt, { window: 100, isAlone, now }));

    assert.deepEqual(windows, [beside, alone]);
  });
}
