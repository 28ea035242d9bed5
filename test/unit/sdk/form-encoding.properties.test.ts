/** Forms and queries with unusual characters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toStorable } from "../../../services/core/protocol/checks.ts";
import { ScriptUrlSearchParams } from "../../../services/sandbox/child/url.ts";
import { parseCurl } from "../../../services/sdk/curl.ts";
import { encodeForm, encodeFormPairs } from "../../../services/sdk/form-encoding.ts";
import { anyText, recordOf } from "../../fixtures/arbitraries.ts";

const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join("");
const write = (pairs: [string, string][]) => new URLSearchParams(pairs).toString();

test("every ASCII character is encoded as URLSearchParams does", () => {
  assert.equal(encodeFormPairs([[ASCII, ASCII]]), write([[ASCII, ASCII]]));
});

test("any pairs are encoded as URLSearchParams does, and so are the search parameters of scripts", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyText(), anyText()), { maxLength: 4 }), (pairs) => {
      assert.equal(encodeFormPairs(pairs), write(pairs));
      assert.equal(String(new ScriptUrlSearchParams(pairs)), write(pairs));
    }),
  );
});

test("params and form data of crawl() are encoded as URLSearchParams does, with U+FFFD for NUL", () => {
  fc.assert(
    fc.property(recordOf(anyText()), (fields) => {
      const storable = Object.entries(fields).map((pair) => pair.map(toStorable) as [string, string]);

      assert.equal(encodeForm(fields), write(Object.entries(Object.fromEntries(storable))));
    }),
  );
});

test("--data-urlencode of a curl command is encoded as URLSearchParams does", () => {
  const { options } = parseCurl(`curl http://a.test/ --data-urlencode "q=it's (~!*)"`);

  assert.equal(options.data, write([["q", "it's (~!*)"]]));
});
