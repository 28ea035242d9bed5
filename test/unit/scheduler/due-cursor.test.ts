import assert from "node:assert/strict";
import { test } from "node:test";
import { DueCursor } from "../../../services/scheduler/due-cursor.ts";
import type { DueLevel, DueRange } from "../../../services/scheduler/store/scheduling.ts";
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

function takeThrough(dueCursor: DueCursor, table: Table, count: number): DueLevel[] {
  const taken = table.take(dueCursor.range, count);
  dueCursor.took(taken, taken.length < count);
  return taken;
}

/** Changes due tasks at random, and checks that always the most urgent of all are taken. */
function step(dueCursor: DueCursor, table: Table, { random, priorities }: { random: Random; priorities: number }): void {
  const kind = random.next();
  if (kind < 0.6) {
    const priority = random.between(0, priorities - 1);
    table.add(priority);
    dueCursor.joined(priority);
  } else if (kind < 0.97) {
    const count = random.between(1, 8);
    const mostUrgent = table.due.toSorted(byUrgency).slice(0, count);
    assert.deepEqual(takeThrough(dueCursor, table, count), mostUrgent);
  } else if (table.gone.length > 0) {
    table.due.push(...table.gone.splice(random.between(0, table.gone.length - 1), 3));
    dueCursor.restart();
  }
}

for (const priorities of [1, 3, 20, 500]) {
  test(`the most urgent due tasks are always selected first, with ${priorities} priorities`, () => {
    for (let seed = 0; seed < 100; seed++) {
      const random = createRandom(seed);
      const table = new Table();
      for (let i = 0; i < 50; i++) table.add(random.between(0, priorities - 1));
      const dueCursor = new DueCursor();

      for (let i = 0; i < 300; i++) step(dueCursor, table, { random, priorities });

      const rest = table.due.toSorted(byUrgency);
      assert.deepEqual(takeThrough(dueCursor, table, 1_000), rest, `seed ${seed}`);
    }
  });
}

test("positions of dispatched tasks are not scanned again", () => {
  const dueCursor = new DueCursor();
  const table = new Table();
  for (const priority of [0, 2, 0, 2]) table.add(priority);

  assert.deepEqual(dueCursor.range, { levels: [], below: 2 ** 31 });
  takeThrough(dueCursor, table, 2);
  assert.deepEqual(dueCursor.range, { levels: [{ priority: 2, ordinal: 4 }], below: 2 });
  takeThrough(dueCursor, table, 1);
  assert.deepEqual(dueCursor.range, { levels: [{ priority: 0, ordinal: 1 }], below: 0 });
  takeThrough(dueCursor, table, 2);
  assert.deepEqual(dueCursor.range, { levels: [], below: null });
  dueCursor.joined(2);
  dueCursor.joined(0);

  assert.deepEqual(dueCursor.range, {
    levels: [
      { priority: 2, ordinal: 4 },
      { priority: 0, ordinal: 3 },
    ],
    below: null,
  });
});

test("unused priorities are removed", () => {
  const dueCursor = new DueCursor();
  for (let priority = 0; priority < 1_000; priority++) {
    dueCursor.joined(priority);
    dueCursor.took([{ priority, ordinal: priority + 1 }], true);
  }

  dueCursor.joined(0);

  assert.deepEqual(dueCursor.range, { levels: [{ priority: 0, ordinal: 0 }], below: null });
});

test("with very many priorities, a selection starts at the top again instead of listing them all", () => {
  const dueCursor = new DueCursor();
  const table = new Table();
  dueCursor.took([], true);
  for (let priority = 0; priority < 5_000; priority++) {
    table.add(priority);
    dueCursor.joined(priority);
  }

  assert.ok(dueCursor.range.levels.length <= 1_000, String(dueCursor.range.levels.length));
  assert.deepEqual(
    takeThrough(dueCursor, table, 10_000).map(({ priority }) => priority),
    Array.from({ length: 5_000 }, (_, index) => 4_999 - index),
  );
});
