import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { decodeBody, TOO_LARGE } from "../../../services/fetcher/decode-body.ts";

const PLAIN = Buffer.from("spider ".repeat(1_000));
const LIMIT = 100_000;

const CODINGS: Record<string, [coding: string | undefined, wire: Buffer]> = {
  "no coding": [undefined, PLAIN],
  identity: ["identity", PLAIN],
  "an unknown coding": ["utf-8", PLAIN],
  gzip: ["gzip", gzipSync(PLAIN)],
  "gzip in capitals": ["GZIP", gzipSync(PLAIN)],
  "deflate with zlib's frame": ["deflate", deflateSync(PLAIN)],
  "deflate without": ["deflate", deflateRawSync(PLAIN)],
  brotli: ["br", brotliCompressSync(PLAIN)],
  zstd: ["zstd", zstdCompressSync(PLAIN)],
  "a chain": ["gzip, br", brotliCompressSync(gzipSync(PLAIN))],
};

for (const [name, [coding, wire]] of Object.entries(CODINGS)) {
  test(`${name} is undone`, () => assert.deepEqual(decodeBody(wire, coding, LIMIT), PLAIN));
}

for (const [coding, compress] of [["gzip", gzipSync] as const, ["br", brotliCompressSync] as const, ["zstd", zstdCompressSync] as const]) {
  test(`a ${coding} bomb stops at the limit`, () => {
    assert.equal(decodeBody(compress(Buffer.alloc(10_000_000)), coding, LIMIT), TOO_LARGE);
  });
}

for (const [coding, compress] of [["gzip", gzipSync] as const, ["br", brotliCompressSync] as const, ["zstd", zstdCompressSync] as const]) {
  test(`${coding} stops at a limit that is smaller than any piece of memory`, () => {
    const wire = compress(Buffer.from("1234567"));

    assert.deepEqual(decodeBody(wire, coding, 7), Buffer.from("1234567"));
    assert.equal(decodeBody(wire, coding, 6), TOO_LARGE);
    assert.equal(decodeBody(wire, coding, 0), TOO_LARGE);
  });
}

test("what is left over of the memory for the output is not kept", () => {
  const decoded = decodeBody(gzipSync(PLAIN), "gzip", LIMIT) as Buffer;

  assert.ok(decoded.buffer.byteLength <= PLAIN.length * 1.25, `${decoded.buffer.byteLength} bytes for ${PLAIN.length}`);
});

test("a coding called as something that every object has is unknown too", () => {
  for (const coding of ["constructor", "__proto__", "valueof"]) assert.equal(decodeBody(PLAIN, coding, LIMIT), PLAIN);
});

test("a gzip stream that ends early gives what was in it", () => {
  const noise = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 251));
  const wire = gzipSync(noise);

  const decoded = decodeBody(wire.subarray(0, wire.length - 20), "gzip", LIMIT) as Buffer;

  assert.ok(decoded.length > 0);
  assert.deepEqual(decoded, noise.subarray(0, decoded.length));
});

test("bytes that are not of their coding throw, and no bytes are no error", () => {
  assert.throws(() => decodeBody(PLAIN, "gzip", LIMIT));
  assert.equal((decodeBody(Buffer.alloc(0), "gzip", LIMIT) as Buffer).length, 0);
});
