import assert from "node:assert/strict";
import { test } from "node:test";
import { inPieces, slicesOf } from "../../../../services/core/export/text-pieces.ts";

test("a long text is divided, but never within a surrogate pair", () => {
  const text = `x${"😀".repeat(100_000)}`;

  const slices = [...slicesOf(text)];

  assert.equal(slices.join(""), text);
  assert.ok(slices.every((slice) => slice.length <= 65_536 && slice.isWellFormed()));
  assert.ok(slices.length < 5);
});

test("short texts are joined, long ones are passed on in slices, and no text is lost", () => {
  const texts = [...Array<string>(100_000).fill("ab"), "c".repeat(200_000), "d", "", "e"];

  const pieces = [...inPieces(texts)];

  assert.equal(pieces.join(""), texts.join(""));
  assert.ok(pieces.every((piece) => piece.length > 0 && piece.length < 140_000));
  assert.ok(pieces.length < 12, String(pieces.length));
});
