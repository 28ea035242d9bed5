import assert from "node:assert/strict";
import { test } from "node:test";
import { type Edit, indent, outdent } from "../../../../services/webui/pages/project/indent.ts";

const apply = (text: string, { start, end, insert, select }: Edit) => {
  const after = text.slice(0, start) + insert + text.slice(end);
  return `${after.slice(0, select.start)}[${after.slice(select.start, select.end)}]${after.slice(select.end)}`;
};

test("Tab inserts two spaces at the caret, or replaces a selection within a line", () => {
  assert.equal(apply("ab", indent("ab", { start: 1, end: 1 })), "a  []b");
  assert.equal(apply("abc", indent("abc", { start: 1, end: 2 })), "a  []c");
});

test("Tab indents each selected line, except empty lines and a line that the selection only reaches", () => {
  assert.equal(apply("one\n\ntwo\nend", indent("one\n\ntwo\nend", { start: 1, end: 9 })), "[  one\n\n  two]\nend");
});

test("Shift-Tab removes up to two spaces or a tab from each line", () => {
  const text = "    a\n b\n\tc\nd";

  assert.equal(apply(text, outdent(text, { start: 0, end: text.length })), "[  a\nb\nc\nd]");
});

test("Shift-Tab keeps the caret's position in its line", () => {
  assert.equal(apply("x\n    abc", outdent("x\n    abc", { start: 7, end: 7 })), "x\n  a[]bc");
  assert.equal(apply("x\n  abc", outdent("x\n  abc", { start: 2, end: 2 })), "x\n[]abc");
});
