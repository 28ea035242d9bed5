/** A function of the store whose name says that it reads changes nothing. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../../../services/core/runtime/checkout.ts";

const READER = /^export (?:async )?function\*? ((?:read|get|list|stream|pick|count|projectsWith|fence)\w*)[\s\S]*?^}/gm;
const CHANGE = /\binsert into \w|\bupdate (?!set\b)\w+ set\b|\bdelete from \w/;

const readersIn = (source: string) => [...source.matchAll(READER)].map(([text, name = ""]) => ({ name, text }));

test("no function of the store that reads by its name changes rows", () => {
  const readers = globSync("services/{core,scheduler,webui}/store/*.ts", { cwd: ROOT }).flatMap((file) =>
    readersIn(readFileSync(join(ROOT, file), "utf8")),
  );

  assert.ok(readers.length > 20, `${readers.length}`);
  assert.deepEqual(
    readers.filter(({ text }) => CHANGE.test(text)).map(({ name }) => name),
    [],
  );
});

test("a reader that updates is found", () => {
  const source =
    "export function readForUse(sql) {\n  return sql.query(`update tasks set track = null`);\n}\nexport function saveNotes() {\n}\n";

  assert.deepEqual(
    readersIn(source).map(({ name, text }) => [name, CHANGE.test(text)]),
    [["readForUse", true]],
  );
});
