import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { difference, withDifference } from "../../../services/webui/difference.ts";
import { anyJson, recordOf } from "../../fixtures/arbitraries.ts";

/** Also objects of objects, which have keys in common more often. */
const anyValue = fc.oneof(anyJson, recordOf(recordOf(anyJson)));

test("a difference that travelled as JSON makes the new value from the old one", () => {
  fc.assert(
    fc.property(anyValue, anyValue, (before, after) => {
      const change = difference(before, after);

      const made = change === undefined ? before : withDifference(before, JSON.parse(JSON.stringify(change)));

      assert.deepEqual(made, after);
    }),
  );
});

test("equal values have no difference", () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      assert.equal(difference(value, JSON.parse(JSON.stringify(value))), undefined);
    }),
  );
});

test("rows that have not changed stay the same objects, so that they are not rendered again", () => {
  const before = { books: { rate: 1, counters: { all: 2 } }, other: { rate: 3 } };
  const change = difference(before, { books: { rate: 1, counters: { all: 4 } }, other: { rate: 3 } });

  assert.deepEqual(change, { books: { counters: { all: [4] } } });
  const made = withDifference(before, change ?? [before]) as typeof before;
  assert.equal(made.other, before.other);
  assert.notEqual(made.books, before.books);
});
