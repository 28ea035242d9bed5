import assert from "node:assert/strict";
import { test } from "node:test";
import iconv from "iconv-lite";
import { createDecoder } from "../../../../services/core/runtime/text-decoder.ts";
import { encodeText } from "../../../../services/sandbox/child/text-encoder.ts";

test("every Korean syllable is read as Windows writes it, and written so", () => {
  const syllables = Array.from({ length: 0xd7a4 - 0xac00 }, (_, index) => String.fromCharCode(0xac00 + index)).join("");
  const bytes = iconv.encode(syllables, "cp949");

  assert.equal(createDecoder("ks_c_5601-1987").decode(bytes), syllables);
  assert.deepEqual(encodeText(syllables, "euc-kr", "refuse"), bytes);
});

test("pages in Big5 have the characters of Hong Kong", () => {
  const bytes: number[] = [];
  for (let lead = 0x87; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) if (trail < 0x7f || trail > 0xa0) bytes.push(lead, trail);
  const theirs = iconv.decode(Buffer.from(bytes), "big5-hkscs").replaceAll(/\ufffd./gs, "");

  const ours = createDecoder("big5").decode(Uint8Array.from(bytes));

  const known = new Set(ours);
  assert.deepEqual(
    [...new Set(theirs)].filter((character) => character > "\x7f" && !known.has(character)),
    [],
  );
});

for (const [what, bytes, text] of [
  ["ASCII stays ASCII, also after a lead byte without meaning", [0x41, 0xff, 0x42, 0xa1, 0x3c, 0x43], "A\ufffdB\ufffd<C"],
  ["a pair without meaning is one mark", [0xfe, 0xfe, 0x41], "\ufffdA"],
  ["a lead byte at the end is one mark", [0x41, 0xb0], "A\ufffd"],
  ["nothing is nothing", [], ""],
] as const) {
  test(`EUC-KR: ${what}`, () => {
    assert.equal(createDecoder("euc-kr").decode(Uint8Array.from(bytes)), text);
  });
}

test("other encodings are those of TextDecoder, and unknown ones are refused", () => {
  assert.equal(createDecoder("latin1").encoding, "windows-1252");
  assert.throws(() => createDecoder("klingon"), RangeError);
});
