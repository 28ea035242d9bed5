/** Forms and queries with unusual characters. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { toStorable } from "../../../services/core/protocol/checks.ts";
import { encodeText } from "../../../services/sandbox/child/text-encoder.ts";
import { ScriptUrlSearchParams } from "../../../services/sandbox/child/url.ts";
import { parseCurl } from "../../../services/sdk/curl.ts";
import { encodeForm, encodeFormPairs, readForm } from "../../../services/sdk/form-encoding.ts";
import { anyText, recordOf } from "../../fixtures/arbitraries.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

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

      assert.equal(readForm(fields), write(Object.entries(Object.fromEntries(storable))));
    }),
  );
});

test("--data-urlencode of a curl command is encoded as URLSearchParams does", () => {
  const { options } = parseCurl(`curl http://a.test/ --data-urlencode "q=it's (~!*)"`);

  assert.equal(options.data, write([["q", "it's (~!*)"]]));
});

/** Node's decoders read some control characters, and those of another width, as others. */
const printable = anyText().map((text) => text.replace(/[\p{Cc}¥‾−]/gu, ""));

test("a form in another encoding is read back by its decoder", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(printable, printable), { maxLength: 4 }),
      fc.constantFrom("gbk", "shift_jis", "windows-1251"),
      (pairs, encoding) => {
        const text = encodeForm(pairs, encoding);

        assert.match(text, /^[\w*.=&+%-]*$/);
        const back = text.split("&").map((pair) => pair.split("=").map((part) => decodeForm(part, encoding)));
        const said = pairs.map((pair) => pair.map((part) => withReferences(toStorable(part), encoding)));
        assert.deepEqual(text === "" ? [] : back, said);
      },
    ),
  );
});

const decodeForm = (text: string, encoding: string) =>
  new TextDecoder(encoding, { ignoreBOM: true }).decode(
    Buffer.from(
      text.replaceAll("+", " ").replace(/%(..)/g, (_, code) => String.fromCharCode(Number.parseInt(code, 16))),
      "latin1",
    ),
  );

const withReferences = (text: string, encoding: string) =>
  Array.from(text, (character) =>
    "character" in encodeText(character, encoding, "refuse") ? `&#${character.codePointAt(0)};` : character,
  ).join("");
