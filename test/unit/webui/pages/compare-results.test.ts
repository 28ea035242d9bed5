import assert from "node:assert/strict";
import { test } from "node:test";
import { compareResults, summaryOf } from "../../../../services/webui/pages/debugger/compare-results.ts";

test("a changed result has the fields that changed, were added or are gone", () => {
  const [change] = compareResults([{ title: "A", price: 1, old: true }], [{ title: "A", price: 2, isbn: "x" }]);

  assert.equal(change?.kind, "changed");
  assert.deepEqual(change?.fields, [
    { field: "price", before: 1, after: 2 },
    { field: "old", before: true, after: undefined },
    { field: "isbn", before: undefined, after: "x" },
  ]);
});

test("the order of fields is no change, at any depth, and the order of a list is one", () => {
  const kinds = compareResults([{ a: { x: 1, y: 2 }, b: 1 }, [1, 2]], [{ b: 1, a: { y: 2, x: 1 } }, [2, 1]]).map(({ kind }) => kind);

  assert.deepEqual(kinds, ["same", "changed"]);
});

test("more or fewer results are added or removed ones", () => {
  assert.equal(summaryOf(compareResults([1], [1, 2, 3])), "2 added");
  assert.equal(summaryOf(compareResults([1, 2], [3])), "1 changed, 1 removed");
  assert.equal(summaryOf(compareResults([null], [null])), "no change");
});
