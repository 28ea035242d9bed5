import assert from "node:assert/strict";
import { test } from "node:test";
import { ANSWER_LIMIT_BYTES, decodeBundled, encodeBundled } from "../../../services/compiler/bundled.ts";

test("a compiled text and problems are decoded unchanged", () => {
  const [compiled, problems] = [{ compiled: '-"+\n' }, { problems: [{ path: "books.ts:1:2", remedy: "leave it out" }] }];

  assert.deepEqual(decodeBundled(encodeBundled(compiled, "books.ts")), compiled);
  assert.deepEqual(decodeBundled(encodeBundled(problems, "books.ts")), problems);
});

test("a compiled text above 4 MiB becomes a problem with both sizes", () => {
  assert.deepEqual(decodeBundled(encodeBundled({ compiled: "é".repeat(2_097_153) }, "books.ts")), {
    problems: [{ path: "books.ts", remedy: "it has 4194306 bytes when it is compiled; the limit is 4194304" }],
  });
});

test("any number of problems of any length fits into an answer", () => {
  const problems = Array.from({ length: 100_000 }, (_, index) => ({
    path: `books.ts:${index}:1`,
    remedy: `Unexpected ${"\0".repeat(1_000)}`,
  }));

  assert.ok(Buffer.byteLength(encodeBundled({ problems }, "books.ts")) < ANSWER_LIMIT_BYTES);
});

test("an answer that is neither a compiled text nor problems is refused", () => {
  assert.throws(() => decodeBundled("{}"), TypeError);
});
