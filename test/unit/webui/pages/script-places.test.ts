import assert from "node:assert/strict";
import { test } from "node:test";
import { scriptPlaces } from "../../../../services/webui/pages/tasks/script-places.ts";

test("places in the project's own script are found in an error's text", () => {
  const pieces = scriptPlaces("boom (books.ts:3:5, books.ts:9:1), not in mybooks.ts:1:1", "books");

  assert.deepEqual(pieces, [
    { text: "boom (" },
    { text: "books.ts:3:5", line: 3 },
    { text: ", " },
    { text: "books.ts:9:1", line: 9 },
    { text: "), not in mybooks.ts:1:1" },
  ]);
});
