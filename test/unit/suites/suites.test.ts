/** The runner of the public suites, and docs/conformance.md beside its list of known misses. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../../services/core/runtime/checkout.ts";
import { SUITES } from "../../suites/list.ts";
import { judge, type KnownMisses } from "../../suites/suite.ts";

const read = (file: string) => readFileSync(join(ROOT, file), "utf8");
const known: KnownMisses = JSON.parse(read("test/suites/known-misses.json"));
const page = read("docs/conformance.md");

test("a miss that is not listed is new, and a listed case that passes is named", () => {
  const outcomes = [{ id: "a 1" }, { id: "a 2", miss: "x" }, { id: "a 3", miss: "y" }, { id: "b", miss: "z" }];

  const verdict = judge(outcomes, { "for a reason": ["a 1-2"], "for another": ["b", "c"] });

  assert.deepEqual(verdict, { cases: 4, passed: 1, known: 2, unlisted: ["a 3: y"], outdated: ["a 1", "c"] });
});

test("every list of known misses belongs to a suite", () => {
  assert.deepEqual(
    Object.keys(known).filter((name) => !SUITES.some((suite) => suite.name === name)),
    [],
  );
});

for (const { name, repository, version } of SUITES) {
  test(`docs/conformance.md has the suite ${name}, its version and its known misses`, () => {
    const row = page.split("\n").find((line) => line.startsWith(`| ${name} |`)) ?? "";
    const misses = judge([], known[name] ?? {}).outdated.length;

    const [, , source = "", cases = "", passed = "", listed = ""] = row.split("|").map((cell) => cell.trim().replaceAll(",", ""));

    assert.ok(source.includes(repository) && source.includes(version.replaceAll(",", "")), row);
    assert.deepEqual([Number(cases) - Number(passed), Number(listed)], [misses, misses]);
    assert.deepEqual(
      Object.keys(known[name] ?? {}).filter((reason) => !page.includes(reason)),
      [],
    );
  });
}
