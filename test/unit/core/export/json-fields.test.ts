import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonFields } from "../../../../services/core/export/json-fields.ts";

const fieldsOf = (json: string) => [...jsonFields(json)].map(({ key, valueStart, end }) => [key, JSON.parse(json.slice(valueStart, end))]);

test("fields are found with their values, also with white space and escapes", () => {
  const json = ' { "a" : 1 , "b\\u0020\\"c" : { "d" : [ "}" , { } ] } ,\n"e":"\\\\","":null, "f":-1.5e3 } ';

  assert.deepEqual(fieldsOf(json), [
    ["a", 1],
    ['b "c', { d: ["}", {}] }],
    ["e", "\\"],
    ["", null],
    ["f", -1_500],
  ]);
  assert.deepEqual(fieldsOf("{ }"), []);
});
