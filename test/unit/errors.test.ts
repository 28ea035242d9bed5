import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../services/core/runtime/checkout.ts";

/** Codes that the base module gives to errors of no class of their own. */
const WITHOUT_CLASS = ["E_INTERNAL"];

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const sources = globSync("{services,stacks,lab}/**/*.ts", { cwd: ROOT, exclude: ["**/node_modules/**"] });
const listed = [...read("services/README.md").matchAll(/^\| `(E_[A-Z_]+)` \|/gm)].map(([, code]) => code);

test("services/README.md lists the code of every error class, and no other", () => {
  const declared = sources.flatMap((file) => [...read(file).matchAll(/\bcode = "(E_[A-Z_]+)"/g)].map(([, code]) => code));

  assert.deepEqual([...new Set(listed)].sort(), [...new Set([...declared, ...WITHOUT_CLASS])].sort());
});

test("services/README.md lists no code twice", () => {
  assert.equal(listed.length, new Set(listed).size);
});

test("error classes are in files whose names end in errors.ts", () => {
  const strays = sources.filter((file) => !file.endsWith("errors.ts") && /\bextends (CrawlerError|BadInputError)\b/.test(read(file)));

  assert.deepEqual(strays, []);
});
