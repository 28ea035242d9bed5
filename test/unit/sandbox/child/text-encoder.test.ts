import assert from "node:assert/strict";
import { test } from "node:test";
import { createDecoder } from "../../../../services/core/runtime/text-decoder.ts";
import { encodeText } from "../../../../services/sandbox/child/text-encoder.ts";

const hex = (text: string, encoding: string) => (encodeText(text, encoding, "reference") as Buffer).toString("hex");

/** Of several codes of a character, and of characters without a code, the Encoding standard's encoders decide. */
for (const [encoding, text, bytes] of [
  ["utf-8", "ä\ud800", "c3a4efbfbd"],
  ["utf-16le", "ä", "c3a4"],
  ["windows-1251", "Привет", "cff0e8e2e5f2"],
  ["latin1", "€ä", "80e4"],
  ["gb2312", "中文€", "d6d0cec480"],
  ["gbk", "😀", Buffer.from("&#128512;").toString("hex")],
  ["gb18030", "中€😀\ue5e5", `d6d0a2e39439fc36${Buffer.from("&#58853;").toString("hex")}`],
  ["gb18030", "\u0080", "81308130"],
  ["big5", "十═中", "a451f9f9a4a4"],
  ["shift_jis", "表¥−ｱ纊\ue000", `955c5c817cb1fa5c${Buffer.from("&#57344;").toString("hex")}`],
  ["euc-jp", "あ¥−ｱ", "a4a25ca1dd8eb1"],
  ["iso-2022-jp", "aあｱb☃", `611b2442242225221b284262${Buffer.from("&#9731;").toString("hex")}`],
  ["iso-2022-jp", "あ", "1b244224221b2842"],
  ["euc-kr", "가", "b0a1"],
] as const) {
  test(`${encoding} has ${JSON.stringify(text)} as the bytes ${bytes}`, () => {
    assert.equal(hex(text, encoding), bytes);
  });
}

for (const encoding of [
  "gbk",
  "gb18030",
  "big5",
  "euc-kr",
  "euc-jp",
  "shift_jis",
  "iso-2022-jp",
  "koi8-r",
  "iso-8859-2",
  "x-mac-cyrillic",
]) {
  test(`what ${encoding} encodes, our decoder reads back`, () => {
    const decoder = createDecoder(encoding);
    const changed: string[] = [];
    for (let code = 0xa0; code < 0xd800; code += 7) {
      const character = String.fromCharCode(code);
      const bytes = encodeText(character, encoding, "refuse");
      if (Buffer.isBuffer(bytes) && decoder.decode(bytes) !== character) changed.push(character);
    }

    assert.deepEqual(
      changed.filter((character) => !/[¥‾−｡-ﾟ]/.test(character)),
      [],
    );
  });
}

test("a character that the encoding does not have can be refused, and an unknown encoding is", () => {
  assert.deepEqual(encodeText("a☃b", "gbk", "refuse"), { character: "☃" });
  assert.throws(() => encodeText("a", "x-none", "refuse"), RangeError);
});
