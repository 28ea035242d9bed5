import assert from "node:assert/strict";
import { test } from "node:test";
import { charge, NO_DEBT, windowInDebt } from "../../../services/scheduler/intake-debt.ts";

/** `[second, tasks asked for]`, and the window that a project with one of 100 has at `at`, beside others and alone. */
const CASES: [name: string, asked: [number, number][], at: number, beside: number, alone: number][] = [
  ["a long list holds nothing up", [[0, 5_000]], 0, 100, 100],
  ["the longest keeps its project waiting for a second", [[0, 10_000]], 0.9, 0, 100],
  ["and no longer", [[0, 10_000]], 1, 100, 100],
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
    "a flood goes on by a few, as long as nobody else is there",
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
  ["a pace that can be kept never comes to a debt", Array.from({ length: 100 }, (_, second) => [second, 5_000]), 99, 100, 100],
  ["a clock that is put back pays nothing", [[100, 10_000]], 0, 0, 100],
];

for (const [name, asked, now, beside, alone] of CASES) {
  test(name, () => {
    const debt = asked.reduce((before, [second, tasks]) => charge(before, tasks, second), NO_DEBT);

    const windows = [false, true].map((isAlone) => windowInDebt(debt, { window: 100, isAlone, now }));

    assert.deepEqual(windows, [beside, alone]);
  });
}
