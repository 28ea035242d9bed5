/** Unusual commands that still follow the grammar. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseCurl } from "../../../services/sdk/curl.ts";
import { shellWords } from "../../../services/sdk/shell-words.ts";
import { anyText, textOf } from "../../fixtures/arbitraries.ts";

const hex = (code: number) => code.toString(16).padStart(8, "0");

/** Ways to write one word, all of which bash reads as that word. */
const QUOTES: ((word: string) => string)[] = [
  (word) => `'${word.replaceAll("'", "'\\''")}'`,
  (word) => `"${word.replace(/[$`"\\]/g, "\\$&")}"`,
  (word) =>
    `$'${word
      .replace(/[\\']/g, "\\$&")
      .replaceAll("\n", "\\n")
      .replace(/[^ -~]/gu, (one) => `\\U${hex(one.codePointAt(0) ?? 0)}`)}'`,
  (word) => (word === "" ? "''" : word.replace(/./gsu, (one) => (one === "\n" ? "'\n'" : `\\${one}`))),
];
const quoted = fc.tuple(anyText(12), fc.constantFrom(...QUOTES)).map(([word, quote]) => ({ word, written: quote(word) }));

test("words are unquoted to their original text", () => {
  fc.assert(
    fc.property(fc.array(quoted, { minLength: 1, maxLength: 5 }), fc.constantFrom(" ", "  ", " \\\n ", "\t"), (words, gap) => {
      const command = words.map(({ written }) => written).join(gap);

      assert.deepEqual(
        shellWords(command),
        words.map(({ word }) => word),
      );
    }),
  );
});

const PIECES = [
  ...[" -H ", " -X ", " -d ", " --data-raw ", " --data-urlencode ", " -b ", " -u ", " -kL ", " -G ", " -I ", " --url ", " --nonsense "],
  ...[" http://a.test/ ", "a: b", "name=value", "__proto__:x", "constructor", "$'", "'", '"', "\\\n", "\\", "\\ud800", "\\x", "\\U", "@"],
];

test("any command is parsed, or refused with a TypeError", () => {
  fc.assert(
    fc.property(textOf(PIECES, 12), (words) => {
      try {
        const { urls, options } = parseCurl(`curl ${words}`);

        assert.ok(urls.length > 0 && Object.values(options.headers).every((value) => typeof value === "string"));
      } catch (error) {
        assert.ok(error instanceof TypeError, String(error));
      }
    }),
  );
});
