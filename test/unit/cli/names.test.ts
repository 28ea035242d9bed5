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

test("the final lines of the test run name skipped and failed tests with their reasons", () => {
  const skipped = [{ title: "a page that needs JavaScript", reason: "no Chromium" }];
  const failed = [{ title: "a crawl ends", file: "test/crawl.test.ts", message: "Expected values to be equal:\n3 !== 4" }];

  assert.equal(
    closingText({ passed: 3, failed, skipped }, ["types"]),
    [
      "skipped on this machine (1):",
      "  a page that needs JavaScript: no Chromium",
      "failed: types",
      "failed: a crawl ends (test/crawl.test.ts)",
      "  Expected values to be equal:",
      "  3 !== 4",
      "3 passed, 2 failed, 1 skipped",
      "",
    ].join("\n"),
  );
});
