import assert from "node:assert/strict";
import { test } from "node:test";
import { splitProblems } from "../../../../services/webui/pages/project/script-text.ts";

test("problems with a place in the script are separated from the others", () => {
  const { placed, others } = splitProblems([
    { path: "books.ts:3:5", remedy: 'Expected ";"' },
    { path: "rate", value: -1, remedy: "write a number" },
    { path: "books.ts", remedy: "has too many bytes" },
  ]);

  assert.deepEqual(placed, [{ line: 3, column: 5, message: 'Expected ";"' }]);
  assert.deepEqual(
    others.map(({ path }) => path),
    ["rate", "books.ts"],
  );
});
