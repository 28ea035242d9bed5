import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { visibleText } from "../../../../services/core/protocol/visible-text.ts";
import { shortLine } from "../../../../services/core/runtime/log.ts";
import { anyText } from "../../../fixtures/arbitraries.ts";

/** Of Unicode's categories: controls, line and paragraph separators; and the directional characters. */
const CONTROLS = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const withoutBreaks = (text: string) => text.replaceAll("\r\n", "").replaceAll("\n", "").replaceAll("\t", "");

test("no control character, separator or direction override remains in any text", () => {
  const codes = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code));
  assert.doesNotMatch(withoutBreaks(visibleText(codes.filter((character) => !"\t\n".includes(character)).join(""))), CONTROLS);

  fc.assert(fc.property(anyText(), (text) => assert.doesNotMatch(withoutBreaks(visibleText(text)), CONTROLS)));
});

test("printable text, tabs and line breaks stay unchanged", () => {
  const text = "a\tb\r\nc\n Grüße, 你好, שלום, 👩‍💻, can\u2019t, a\u00a0b";

  assert.equal(visibleText(text), text);
});

for (const [name, text, shown] of [
  ["a colour", "\u001b[31mred\u001b[0m", "\\u001b[31mred\\u001b[0m"],
  ["the window's title", "\u001b]0;title\u0007", "\\u001b]0;title\\u0007"],
  ["a control sequence of one character", "\u009b2J", "\\u009b2J"],
  ["a backspace and DEL", "a\bb\u007f", "a\\u0008b\\u007f"],
  ["a carriage return that overwrites a line", "failed\rdone  ", "failed\\u000ddone  "],
  ["an override of the direction", "\u202egpj.exe\u202c", "\\u202egpj.exe\\u202c"],
  ["a line separator", "a\u2028b", "a\\u2028b"],
] as const) {
  test(`${name} is shown escaped`, () => assert.equal(visibleText(text), shown));
}

test("escaped JSON keeps its value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), anyText(), (value, text) => {
      const whole = { value, text: text.toWellFormed(), escape: "\u009b\u007f\u2028" };

      assert.deepEqual(JSON.parse(visibleText(JSON.stringify(whole))), JSON.parse(JSON.stringify(whole)));
    }),
  );
});

test("a text log line contains no control characters of its fields, and further lines are indented", () => {
  const entry = {
    level: "warn",
    time: "2026-01-02T03:04:05.678Z",
    role: "fetcher",
    msg: "m",
    url: "http://h/\u001b[2J\n03:04:06 scheduler: x",
  };

  assert.equal(shortLine(JSON.stringify(entry), false), "03:04:05 fetcher warn: m url=http://h/\\u001b[2J\n  03:04:06 scheduler: x\n");
  assert.equal(shortLine("not JSON \u001b[2J\n", false), "not JSON \\u001b[2J\n");
});
