import assert from "node:assert/strict";
import { test } from "node:test";
import type { DueLevel, DueRange } from "../../../services/core/store/scheduling.ts";
import { DueFront } from "../../../services/scheduler/due-front.ts";
import { createRandom, type Random } from "../../fixtures/random.ts";

const byUrgency = (a: DueLevel, b: DueLevel) => b.priority - a.priority || a.ordinal - b.ordinal;

/** Due tasks as the table has them. */
class Table {
  due: DueLevel[] = [];
  gone: DueLevel[] = [];
  #ordinal = 0;

  add(priority: number): void {
    this.due.push({ priority, ordinal: ++this.#ordinal });
  }

  /** The most urgent of the range, as `dispatchDue` takes them. */
  take({ levels, below }: DueRange, count: number): DueLevel[] {
    const isWithin = ({ priority, ordinal }: DueLevel) =>
      levels.some((level) => level.priority === priority && ordinal > level.ordinal) || (below !== null && priority < below);
    const taken = this.due.filter(isWithin).sort(byUrgency).slice(0, count);
    this.due = this.due.filter((task) => !taken.includes(task));
    this.gone.push(...taken);
    return taken;
  }
}

function takeThrough(front: DueFront, table: Table, count: number): DueLevel[] {
  const taken = table.take(front.range, count);
  front.took(taken, taken.length < count);
  return taken;
}

/** Does something that becomes of due tasks, and looks whether always the most urgent of all are taken. */
function step(front: DueFront, table: Table, { random, priorities }: { random: Random; priorities: number }): void {
  const kind = random.next();
  if (kind < 0.6) {
    const priority = random.between(0, priorities - 1);
    table.add(priority);
    front.joined(priority);
  } else if (kind < 0.97) {
    const count = random.between(1, 8);
    const mostUrgent = table.due.toSorted(byUrgency).slice(0, count);
    assert.deepEqual(takeThrough(front, table, count), mostUrgent);
  } else if (table.gone.length > 0) {
    table.due.push(...table.gone.splice(random.between(0, table.gone.length - 1), 3));
    front.restart();
  }
}

for (const priorities of [1, 3, 20, 500]) {
  test(`always the most urgent of all due tasks are taken, with ${priorities} priorities`, () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = createRandom(seed);
      const table = new Table();
      for (let i = 0; i < 50; i++) table.add(random.between(0, priorities - 1));
      const front = new DueFront();

      for (let i = 0; i < 300; i++) step(front, table, { random, priorities });

      const rest = table.due.toSorted(byUrgency);
      assert.deepEqual(takeThrough(front, table, 1_000), rest, `seed ${seed}`);
    }
  });
}

test("the places of tasks that have left are not looked at again", () => {
  const front = new DueFront();
  const table = new Table();
  for (const priority of [0, 2, 0, 2]) table.add(priority);

  assert.deepEqual(front.range, { levels: [], below: 2 ** 31 });
  takeThrough(front, table, 2);
  assert.deepEqual(front.range, { levels: [{ priority: 2, ordinal: 4 }], below: 2 });
  takeThrough(front, table, 1);
  assert.deepEqual(front.range, { levels: [{ priority: 0, ordinal: 1 }], below: 0 });
  takeThrough(front, table, 2);
  assert.deepEqual(front.range, { levels: [], below: null });
  front.joined(2);
  front.joined(0);

  assert.deepEqual(front.range, {
    levels: [
      { priority: 2, ordinal: 4 },
      { priority: 0, ordinal: 3 },
    ],
    below: null,
  });
});

test("ever new priorities are forgotten", () => {
  const front = new DueFront();
  for (let priority = 0; priority < 1_000; priority++) {
    front.joined(priority);
    front.took([{ priority, ordinal: priority + 1 }], true);
  }

  front.joined(0);

  assert.deepEqual(front.range, { levels: [{ priority: 0, ordinal: 0 }], below: null });
});

test("with very many priorities at once a selection begins at the top again, instead of naming them all", () => {
  const front = new DueFront();
  const table = new Table();
  front.took([], true);
  for (let priority = 0; priority < 5_000; priority++) {
    table.add(priority);
    front.joined(priority);
  }

  assert.ok(front.range.levels.length <= 1_000, String(front.range.levels.length));
  assert.deepEqual(
    takeThrough(front, table, 10_000).map(({ priority }) => priority),
    Array.from({ length: 5_000 }, (_, index) => 4_999 - index),
  );
});
