/** Any text, JSON or nearly so: the scanner and `JSON.parse` agree. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { JsonLimitError, measureJson, parseJson } from "../../../../services/core/protocol/json-limits.ts";
import { anyText, textOf } from "../../../fixtures/arbitraries.ts";

const ROOMY = { depth: 1_000, values: 1e9 };
const TOKENS = [...'[]{},:"\\0123.-+eE \t\n'].concat("null", "true", '"a"', '"a":', "\\u00e9", "1.5", "[]", "{}");

const isJson = (text: string) => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** JSON of which one character is missing. */
const brokenJson = () =>
  fc.tuple(fc.json(), fc.nat()).map(([text, place]) => text.slice(0, place % text.length) + text.slice((place % text.length) + 1));

test("texts are accepted exactly when JSON.parse accepts them", () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), brokenJson(), textOf(TOKENS, 12), anyText()), (text) => {
      assert.equal(measureJson(text, ROOMY).verdict, isJson(text) ? "ok" : "invalid");
    }),
  );
});

test("a text that is parsed without a scan is one that the scan accepts", () => {
  const shallow = { depth: 2, values: 1e9 };
  const verdictOf = (text: string) => {
    try {
      parseJson(text, shallow);
      return "ok";
    } catch (error) {
      assert.ok(error instanceof JsonLimitError);
      return error.verdict;
    }
  };
  fc.assert(
    fc.property(fc.oneof(fc.json(), brokenJson(), textOf(TOKENS, 12), anyText()), (text) => {
      assert.equal(verdictOf(text), measureJson(text, shallow).verdict);
    }),
  );
});
