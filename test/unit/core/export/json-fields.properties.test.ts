import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { jsonFields } from "../../../../services/core/export/json-fields.ts";
import { anyText } from "../../../fixtures/arbitraries.ts";

test("the fields of any object equal those of JSON.parse", () => {
  fc.assert(
    fc.property(fc.dictionary(anyText(), fc.jsonValue()), fc.nat(4), (object, spaces) => {
      const json = JSON.stringify(object, null, spaces);

      const found = [...jsonFields(json)].map(({ key, valueStart, end }) => [key, JSON.parse(json.slice(valueStart, end))]);

      assert.deepEqual(found, Object.entries(JSON.parse(json)));
    }),
  );
});
