import assert from "node:assert/strict";
import { test } from "node:test";
import { cellKind, cellOf, columnsOf, namesItsPage, WHOLE } from "../../../../services/webui/pages/results/columns.ts";

test("columns are the fields of all rows in order of appearance; values that are not objects have their own column", () => {
  const rows = [{ result: { url: "u", title: "t" } }, { result: { title: "t", price: 1 } }, { result: ["x"] }];

  assert.deepEqual(columnsOf(rows), ["url", "title", "price", WHOLE]);
});

test("a cell is an own field of the row, and never an inherited property", () => {
  assert.equal(cellOf({ price: 3 }, "price"), 3);
  assert.equal(cellOf({ price: 3 }, "constructor"), undefined);
  assert.deepEqual(cellOf(["x"], WHOLE), ["x"]);
  assert.equal(cellOf(null, "price"), undefined);
});

test("results that contain their page's address have no column for it", () => {
  const url = "http://books.test/1";

  assert.equal(namesItsPage([{ url, result: { from: url } }]), true);
  assert.equal(
    namesItsPage([
      { url, result: { from: url } },
      { url, result: "text" },
    ]),
    false,
  );
});

test("only web addresses become links", () => {
  const kinds = ["https://a.test/x", "javascript:alert(1)", "see http://a.test", "data:text/html,x", 3, false, null, "", [1]].map(cellKind);

  assert.deepEqual(kinds, ["link", "text", "text", "text", "figure", "figure", "nothing", "nothing", "json"]);
});
