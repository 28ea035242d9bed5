import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions, zstdDecompressSync } from "node:zlib";

/** A chain of codings is legal, but more than this many only multiplies work. */
const MAX_CODINGS = 3;
/** The default of 16 KiB costs a large page hundreds of calls. */
const CHUNK_BYTES = 64 * 1024;

/** The body is larger than the limit once decompressed. */
export const TOO_LARGE = Symbol("too large");

/**
 * Undoes `Content-Encoding` (gzip, deflate with or without zlib's frame, br, zstd, and chains of up to three), one body at a time so that no more
 * than one is in memory twice.
 *
 * A stream that ends early gives what was in it, and an unknown coding is taken for none: browsers do the same.
 *
 * @returns TOO_LARGE as soon as the output passes `limitBytes`.
 * @throws Error if the bytes are not of the coding they claim.
 */
export function decodeBody(wire: Buffer, contentEncoding: string | undefined, limitBytes: number): Buffer | typeof TOO_LARGE {
  if (contentEncoding === undefined || wire.length === 0) return wire;
  const codings = contentEncoding.toLowerCase().split(",", MAX_CODINGS).reverse();
  try {
    return codings.reduce((bytes, coding) => decoders[coding.trim()]?.(bytes, limitBytes) ?? bytes, wire);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return TOO_LARGE;
    throw error;
  }
}

type Decoder = (bytes: Buffer, limitBytes: number) => Buffer;

const zlibOptions = (maxOutputLength: number): ZlibOptions => ({
  maxOutputLength,
  chunkSize: CHUNK_BYTES,
  finishFlush: constants.Z_SYNC_FLUSH,
});

const gunzip: Decoder = (bytes, limit) => gunzipSync(bytes, zlibOptions(limit));

/** RFC 9110 means zlib's frame; some servers send the bare stream. A frame begins with a low nibble of 8 (RFC 1950). */
const inflate: Decoder = (bytes, limit) => (((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync : inflateRawSync)(bytes, zlibOptions(limit));

const decoders: Record<string, Decoder | undefined> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  deflate: inflate,
  br: (bytes, limit) =>
    brotliDecompressSync(bytes, { maxOutputLength: limit, chunkSize: CHUNK_BYTES, finishFlush: constants.BROTLI_OPERATION_FLUSH }),
  zstd: (bytes, limit) =>
    zstdDecompressSync(bytes, { maxOutputLength: limit, chunkSize: CHUNK_BYTES, finishFlush: constants.ZSTD_e_flush }),
};
