import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { decodeBody, TOO_LARGE } from "../../../services/fetcher/decode-body.ts";

const PLAIN = Buffer.from("spider ".repeat(1_000));
const LIMIT = 100_000;

/** Of a body that is not above the limit. */
function bodyOf(wire: Buffer, coding: string | undefined, limit = LIMIT): Buffer {
  const decoded = decodeBody(wire, coding, limit);
  assert.ok(decoded !== TOO_LARGE);
  return decoded.body;
}

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
  test(`${name} is decoded`, () => assert.deepEqual(decodeBody(wire, coding, LIMIT), { body: PLAIN, isCut: false }));
}

for (const [coding, compress] of [["gzip", gzipSync] as const, ["br", brotliCompressSync] as const, ["zstd", zstdCompressSync] as const]) {
  test(`a ${coding} bomb stops at the limit`, () => {
    assert.equal(decodeBody(compress(Buffer.alloc(10_000_000)), coding, LIMIT), TOO_LARGE);
  });
}

for (const [coding, compress] of [["gzip", gzipSync] as const, ["br", brotliCompressSync] as const, ["zstd", zstdCompressSync] as const]) {
  test(`${coding} stops at a limit below its smallest buffer`, () => {
    const wire = compress(Buffer.from("1234567"));

    assert.deepEqual(bodyOf(wire, coding, 7), Buffer.from("1234567"));
    assert.equal(decodeBody(wire, coding, 6), TOO_LARGE);
    assert.equal(decodeBody(wire, coding, 0), TOO_LARGE);
  });
}

test("unencoded bodies and bodies of one byte also stop at the limit", () => {
  assert.equal(decodeBody(PLAIN, "identity", PLAIN.length - 1), TOO_LARGE);
  assert.equal(decodeBody(gzipSync(Buffer.from("1")), "gzip", 0), TOO_LARGE);
});

test("unused memory of the output buffer is released", () => {
  const decoded = bodyOf(gzipSync(PLAIN), "gzip");

  assert.ok(decoded.buffer.byteLength <= PLAIN.length * 1.25, `${decoded.buffer.byteLength} bytes for ${PLAIN.length}`);
});

test("a content coding with the name of an inherited property is unknown", () => {
  for (const coding of ["constructor", "__proto__", "valueof"]) assert.equal(bodyOf(PLAIN, coding), PLAIN);
});

for (const [name, [coding, wire]] of Object.entries(CODINGS).slice(3)) {
  test(`a truncated stream yields its readable part and says so: ${name}`, () => {
    const noise = Buffer.from(Array.from({ length: 5_000 }, (_, i) => (i * 7_919) % 251));
    const compress = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }[String(coding).toLowerCase()];
    const whole = compress?.(noise) ?? wire;

    const decoded = decodeBody(whole.subarray(0, whole.length - 20), coding, LIMIT);

    assert.ok(decoded !== TOO_LARGE && decoded.isCut);
    if (compress) assert.deepEqual(decoded.body, noise.subarray(0, decoded.body.length));
  });
}

test("invalid bytes throw an error, and an empty body does not", () => {
  assert.throws(() => decodeBody(PLAIN, "gzip", LIMIT));
  assert.equal(bodyOf(Buffer.alloc(0), "gzip").length, 0);
});
