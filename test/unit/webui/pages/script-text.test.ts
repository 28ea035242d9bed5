import assert from "node:assert/strict";
import { test } from "node:test";
import { lineWidth, offsetAt, splitProblems } from "../../../../services/webui/pages/project/script-text.ts";

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

test("a place has an offset, and a place outside the text has the nearest one", () => {
  const text = "ab\ncde\n";

  assert.deepEqual(
    [
      offsetAt(text, { line: 1, column: 1 }),
      offsetAt(text, { line: 2, column: 3 }),
      offsetAt(text, { line: 2, column: 99 }),
      offsetAt(text, { line: 9, column: 1 }),
    ],
    [0, 5, 6, 7],
  );
});

test("a tab in a line extends to the next tab stop", () => {
  assert.equal(lineWidth("x\n\ta\tb", 2), 5);
});
