import assert from "node:assert/strict";
import { test } from "node:test";
import { columnOfKey, fieldsText, keyOfColumn, parseFields } from "../../../../services/core/export/columns.ts";

test("names of columns are separated by commas; a backslash makes a comma part of a name", () => {
  assert.deepEqual(parseFields("title, price ,title,,a\\,b,c\\\\,d\\e"), ["title", "price", "a,b", "c\\", "d\\e"]);
});

test("a choice without a name, or with more than 1,000, is refused", () => {
  assert.deepEqual(
    [parseFields(""), parseFields(" , "), parseFields(Array.from({ length: 1_001 }, (_, n) => n).join())],
    [undefined, undefined, undefined],
  );
});

test("the text of a choice is read as the same names", () => {
  const names = ["a,b", "c\\", "ü", "d,\\,e"];

  assert.deepEqual(parseFields(fieldsText(names)), names);
});

test("each key has a column, also one that is named as a fact of the row", () => {
  const keys = ["title", "url", "_taskid", "result", "result.title"];

  assert.deepEqual(keys.map(columnOfKey), ["title", "result.url", "result._taskid", "result", "result.title"]);
  assert.deepEqual(keys.map(columnOfKey).map(keyOfColumn), keys);
  assert.equal(keyOfColumn("url"), undefined);
});
