import assert from "node:assert/strict";
import { test } from "node:test";
import { SeenTasks } from "../../../services/scheduler/seen-tasks.ts";

const LEAST = 2 ** 19;
const range = (length: number) => Array.from({ length }, (_, n) => String(n));

test("nearly all seen tasks are recognized, however many there are, and unseen tasks never", () => {
  const seen = new SeenTasks(2 ** 20);
  const ids = range(100_000);

  for (const id of ids) seen.add("p", id);

  const known = ids.filter((id) => seen.has("p", id)).length;
  assert.ok(known > ids.length * 0.97, String(known));
  assert.equal(ids.filter((id) => seen.has("p", `new ${id}`)).length, 0);
  assert.equal(seen.has("q", "5"), false);
});

test("when the capacity is used, new tasks replace others", () => {
  const seen = new SeenTasks(LEAST);
  const ids = range(2 * LEAST);

  for (const id of ids) seen.add("p", id);

  const kept = ids.filter((id) => seen.has("p", id)).length;
  assert.ok(kept > LEAST * 0.95 && kept <= LEAST, String(kept));
  assert.equal(seen.has("p", ids.at(-1) ?? ""), true);
});

test("one project's tasks can be removed without those of other projects", () => {
  const seen = new SeenTasks(LEAST);
  for (const project of ["p", "q"]) seen.add(project, "1");

  seen.forget("p");

  assert.deepEqual(
    ["p", "q"].map((project) => seen.has(project, "1")),
    [false, true],
  );
});

test("the set reports full only when nearly every place is used", () => {
  const seen = new SeenTasks(LEAST);
  const ids = range(2 * LEAST);

  const [early, late] = [ids.slice(0, LEAST / 2), ids.slice(LEAST / 2)].map((part) => {
    for (const id of part) seen.add("p", id);
    return seen.isFull;
  });

  assert.deepEqual([early, late], [false, true]);
});
