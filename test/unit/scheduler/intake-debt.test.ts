import assert from "node:assert/strict";
import { test } from "node:test";
import { charge, isInDebt, NO_DEBT } from "../../../services/scheduler/intake-debt.ts";

for (const [name, asked, at, expected] of [
  ["a long list holds nothing up", [[0, 5_000]], 0, false],
  ["the longest is in debt for a second", [[0, 10_000]], 0.9, true],
  ["and no longer", [[0, 10_000]], 1, false],
  [
    "debts add up",
    [
      [0, 10_000],
      [0.5, 10_000],
    ],
    2.4,
    true,
  ],
  [
    "what is asked for at a pace that can be kept never comes to a debt",
    Array.from({ length: 100 }, (_, second) => [second, 5_000]),
    99,
    false,
  ],
  ["a clock that is put back pays nothing", [[100, 10_000]], 0, true],
] as [string, [number, number][], number, boolean][]) {
  test(name, () => {
    const debt = asked.reduce((before, [second, tasks]) => charge(before, tasks, second), NO_DEBT);

    assert.equal(isInDebt(debt, at), expected);
  });
}
