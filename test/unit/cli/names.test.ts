import assert from "node:assert/strict";
import { test } from "node:test";
import { projectNameOf } from "../../../services/cli/run-script.ts";
import { closingText } from "../../../services/cli/test.ts";
import { isStale } from "../../../services/webui/pages-build.ts";

for (const [path, name] of [
  ["examples/books.ts", "books"],
  ["/a/my-first.crawl.ts", "my_first_crawl"],
  ["b.mts", "b"],
  ["é.ts", "_"],
  [`${"x".repeat(80)}.ts`, "x".repeat(64)],
] as const) {
  test(`${path} makes project ${name}`, () => {
    assert.equal(projectNameOf(path), name);
  });
}

test("pages are built when they are missing or older than a source", () => {
  const verdicts = [isStale(undefined, [1]), isStale(5, [4, 6]), isStale(5, [4, 5]), isStale(5, [])];

  assert.deepEqual(verdicts, [true, true, false, false]);
});

test("the tests' last lines name what was skipped, and why", () => {
  const text = closingText({ passed: 3, failed: 1, skipped: [{ title: "a page that needs JavaScript", reason: "no Chromium" }] }, [
    "types",
  ]);

  assert.equal(
    text,
    "skipped on this machine (1):\n  a page that needs JavaScript: no Chromium\nfailed: types\n3 passed, 2 failed, 1 skipped\n",
  );
});
