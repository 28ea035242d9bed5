import assert from "node:assert/strict";
import { test } from "node:test";
import { MIB } from "../../../services/core/protocol/byte-units.ts";
import { SCRIPT_KEPT_MS } from "../../../services/core/queue/queue.ts";
import { ScriptShelf } from "../../../services/scheduler/script-shelf.ts";

const script = (project: string, hash: string, bytes = 1) => ({ project, hash, bytes });
const using = (nowMs: number, ...inUse: string[]) => ({ nowMs, inUse: new Set(inUse) });

test("a script is put once, again during long use, and again when a processor did not find it", () => {
  const shelf = new ScriptShelf(100);
  const before = shelf.needsPut("a1", 0);
  shelf.add(script("a", "a1"), using(0));
  const after = [shelf.needsPut("a1", 1_000), shelf.needsPut("a1", SCRIPT_KEPT_MS / 2)];

  shelf.lost("a1");

  assert.deepEqual([before, after, shelf.needsPut("a1", 1_000)], [true, [false, true], true]);
});

test("after 44 versions of one project, its newest ones and one that tasks in flight need remain", () => {
  const shelf = new ScriptShelf(1_000 * MIB);
  shelf.add(script("honest", "h"), using(0, "h"));
  const left = new Set(["h"]);

  for (let version = 1; version <= 44; version++) {
    const all = Array.from({ length: version }, (_, index) => `a${index + 1}`);
    for (const hash of shelf.add(script("a", `a${version}`, 4 * MIB), using(version, "h", ...all))) left.delete(hash);
    left.add(`a${version}`);
    for (const hash of [...left]) if (shelf.needsPut(hash, version)) left.delete(hash);
  }

  assert.deepEqual([...left], ["h", "a43", "a44"]);
});

test("an older version without tasks in flight is removed at once", () => {
  const shelf = new ScriptShelf(100);
  shelf.add(script("a", "a1"), using(0));

  assert.deepEqual(shelf.add(script("a", "a2"), using(1)), ["a1"]);
});

test("above the byte limit the oldest scripts are removed first, and scripts in use last", () => {
  const shelf = new ScriptShelf(10);
  for (const [at, name] of ["a", "b", "c"].entries()) shelf.add(script(name, name, 3), using(at));

  const first = shelf.add(script("d", "d", 3), using(3, "a"));
  const second = shelf.add(script("e", "e", 8), using(4, "a", "d"));
  const third = shelf.add(script("f", "f", 30), using(5));

  assert.deepEqual([first, second, third], [["b"], ["c", "a", "d"], ["e"]]);
});

test("a script that was unused for two hours is removed, unless a task in flight needs it", () => {
  const shelf = new ScriptShelf(100);
  for (const name of ["a", "b", "c"]) shelf.add(script(name, name), using(0));
  shelf.add(script("c", "c"), using(1));

  assert.deepEqual(shelf.removeUnused(using(SCRIPT_KEPT_MS, "b")), ["a"]);
});

test("scripts that an earlier term put are counted, and are put again before use", () => {
  const shelf = new ScriptShelf(10);
  shelf.reset([script("a", "a1", 6), script("b", "b1", 4)], 0);

  assert.equal(shelf.needsPut("b1", 1), true);
  assert.deepEqual(shelf.add(script("b", "b1", 6), using(1)), ["a1"]);
  assert.equal(shelf.needsPut("b1", 2), false);
});
