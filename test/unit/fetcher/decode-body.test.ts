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
  test(`${name} is decoded`, () => assert.deepEqual(decodeBody(wire, coding, LIMIT), PLAIN));
}

for (const [coding, compress] of [["gzip", gzipSync] as const, ["br", brotliCompressSync] as const, ["zstd", zstdCompressSync] as const]) {
  test(`a ${coding} bomb stops at the limit`, () => {
    assert.equal(decodeBody(compress(Buffer.alloc(10_000_000)), coding, LIMIT), TOO_LARGE);
  });
}

for (const [coding, compress] of [["gzip", gzipSync] as const, ["br", brotliCompressSync] as const, ["zstd", zstdCompressSync] as const]) {
  test(`${coding} stops at a limit below its smallest buffer`, () => {
    const wire = compress(Buffer.from("1234567"));

    assert.deepEqual(decodeBody(wire, coding, 7), Buffer.from("1234567"));
    assert.equal(decodeBody(wire, coding, 6), TOO_LARGE);
    assert.equal(decodeBody(wire, coding, 0), TOO_LARGE);
  });
}

test("unencoded bodies and bodies of one byte also stop at the limit", () => {
  assert.equal(decodeBody(PLAIN, "identity", PLAIN.length - 1), TOO_LARGE);
  assert.equal(decodeBody(gzipSync(Buffer.from("1")), "gzip", 0), TOO_LARGE);
});

test("unused memory of the output buffer is released", () => {
  const decoded = decodeBody(gzipSync(PLAIN), "gzip", LIMIT) as Buffer;

  assert.ok(decoded.buffer.byteLength <= PLAIN.length * 1.25, `${decoded.buffer.byteLength} bytes for ${PLAIN.length}`);
});

test("a content coding with the name of an inherited property is unknown", () => {
  for (const coding of ["constructor", "__proto__", "valueof"]) assert.equal(decodeBody(PLAIN, coding, LIMIT), PLAIN);
});

test("a truncated gzip stream yields its readable part", () => {
  const noise = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 251));
  const wire = gzipSync(noise);

  const decoded = decodeBody(wire.subarray(0, wire.length - 20), "gzip", LIMIT) as Buffer;

  assert.ok(decoded.length > 0);
  assert.deepEqual(decoded, noise.subarray(0, decoded.length));
});

test("invalid bytes throw an error, and an empty body does not", () => {
  assert.throws(() => decodeBody(PLAIN, "gzip", LIMIT));
  assert.equal((decodeBody(Buffer.alloc(0), "gzip", LIMIT) as Buffer).length, 0);
});
