import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../../services/core/protocol/messages.ts";
import { selectOutcomeBatch } from "../../../services/scheduler/select-outcome-batch.ts";

const asking = (attempt: number, follows: number, messages = 0) =>
  ({ message: { kind: "outcome", attempt, follows: Array(follows), messages: Array(messages) } as unknown as Outcome }) as const;
const poke = { message: { kind: "poke" } } as const;
const attempts = (leases: { message: unknown }[]) => leases.map(({ message }) => (message as Partial<Outcome>).attempt ?? "poke");

for (const [name, leases, now, later] of [
  ["an empty batch stays empty", [], [], []],
  ["outcomes within a round's limit stay in order", [asking(1, 900), poke, asking(2, 20)], [1, "poke", 2], []],
  ["above the limit the smallest outcomes come first", [asking(1, 9_000), asking(2, 9_000), asking(3, 20), poke], ["poke", 3, 1], [2]],
  ["an oversized outcome is processed alone", [asking(1, 10_000, 1_000), asking(2, 10_000, 1_000)], [1], [2]],
  ["messages count like tasks", [asking(1, 0, 6_000), asking(2, 6_000)], [1], [2]],
] as const) {
  test(name, () => {
    const share = selectOutcomeBatch<{ message: Outcome | { kind: "poke" } }>([...leases]);

    assert.deepEqual([attempts(share.now), attempts(share.later)], [now, later]);
  });
}
