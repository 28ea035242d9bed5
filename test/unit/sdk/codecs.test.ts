import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { decodeText, encodeText, hash } from "../../../services/sdk/codecs.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

for (const algorithm of ["md5", "sha1", "sha256", "sha512"] as const) {
  test(`${algorithm} of texts and bytes is that of Node`, () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);

    assert.equal(hash(algorithm, "ä"), createHash(algorithm).update("ä").digest("hex"));
    assert.equal(hash(algorithm, bytes), createHash(algorithm).update(bytes).digest("hex"));
    assert.equal(hash(algorithm, ""), createHash(algorithm).update("").digest("hex"));
  });
}

test("texts become bytes and bytes texts in the named encoding", () => {
  assert.deepEqual([...encodeText("中文", "gb2312")], [0xd6, 0xd0, 0xce, 0xc4]);
  assert.equal(decodeText(Uint8Array.of(0xd6, 0xd0), "gbk"), "中");
  assert.deepEqual([...encodeText("ä")], [0xc3, 0xa4]);
  assert.equal(decodeText(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)), "a");
  assert.equal(decodeText(Uint8Array.of(0)), "\0");
  assert.deepEqual([...encodeText("")], []);
});

test("unknown algorithms and encodings, characters that an encoding does not have, and other values are refused", () => {
  assert.throws(() => hash("md4" as never, "a"), /hash\(\) has md5, sha1, sha256, sha512, not md4/);
  assert.throws(() => hash("md5", 1 as never), /hash\(\) takes text or bytes, not number/);
  assert.throws(() => encodeText("a", "none"), /unknown encoding none/);
  assert.throws(() => decodeText(Uint8Array.of(97, 98), "none"), /unknown encoding none/);
  assert.throws(() => encodeText("a☃", "gbk"), /gbk has no character "☃"/);
});
