import assert from "node:assert/strict";
import { test } from "node:test";
import { escapeFormat, quoteWord } from "../src/quote.ts";

/** Text and the word that HAProxy reads as that text (configuration manual, section 2.2). */
const words: [string, string][] = [
  ["tasks.web:5000", "tasks.web:5000"],
  ["%[src]", "%[src]"],
  ["two words", "'two words'"],
  ["a#b", "'a#b'"],
  ["$HOME", "'$HOME'"],
  ['say "hi"', `'say "hi"'`],
  ["back\\slash", "'back\\slash'"],
  ["it's", `"it's"`],
  [`it's "$5" \\`, `"it's \\"\\$5\\" \\\\"`],
  ["", "''"],
];

for (const [text, word] of words) {
  test(`${JSON.stringify(text)} is written as ${word}`, () => {
    assert.equal(quoteWord(text), word);
  });
}

test("a line feed cannot be quoted", () => {
  assert.throws(() => quoteWord("a\nstats socket *:1"), RangeError);
});

test("a percent sign is text in a log format", () => {
  assert.equal(escapeFormat("100 %"), "100 %%");
});
