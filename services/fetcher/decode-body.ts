import { brotliDecompressSync, constants, gunzipSync, inflateRawSync, inflateSync, type ZlibOptions, zstdDecompressSync } from "node:zlib";

/** A chain of codings is legal, but more than this many only multiplies the work. */
const MAX_CODINGS = 3;
/** The share of its memory that an output may leave unused. */
const SLACK = 1 / 4;

/** The body is larger than the limit once decompressed. */
export const TOO_LARGE = Symbol("too large");

/**
 * Decodes `Content-Encoding` (gzip, deflate with or without zlib's frame, br, zstd, and chains of up to three), one body at a time so that only
 * one is in memory twice.
 *
 * A truncated stream returns what was decoded, and an unknown coding is ignored, as in browsers.
 *
 * The output is one buffer of `limitBytes`, of which only the filled part takes memory: smaller pieces would have to be joined, and large bodies
 * would be in memory twice.
 *
 * @returns TOO_LARGE as soon as the output exceeds `limitBytes`.
 * @throws Error if the bytes are not in the declared coding.
 */
export function decodeBody(wire: Buffer, contentEncoding: string | undefined, limitBytes: number): Buffer | typeof TOO_LARGE {
  if (contentEncoding === undefined || wire.length === 0) return wire;
  const codings = contentEncoding.toLowerCase().split(",", MAX_CODINGS).reverse();
  try {
    const body = codings.reduce((bytes, coding) => decode(bytes, coding.trim(), limitBytes), wire);
    return body.length > limitBytes ? TOO_LARGE : body;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return TOO_LARGE;
    throw error;
  }
}

function decode(bytes: Buffer, coding: string, limitBytes: number): Buffer {
  const decoder = decoders.get(coding);
  if (!decoder) return bytes;
  const output = decoder(bytes, limitBytes);
  const slack = output.buffer.byteLength - output.length;
  if (slack <= output.length * SLACK) return output;
  const exact = Buffer.allocUnsafeSlow(output.length);
  output.copy(exact);
  return exact;
}

type Decoder = (bytes: Buffer, limitBytes: number) => Buffer;

/** One byte more than the limit: an output that fills its buffer would get a second one before it is refused. zlib accepts no limit of 0. */
const pieceOf = (limitBytes: number) => ({
  maxOutputLength: Math.max(1, limitBytes),
  chunkSize: Math.max(constants.Z_MIN_CHUNK, limitBytes + 1),
});

const zlibOptions = (limitBytes: number): ZlibOptions => ({ ...pieceOf(limitBytes), finishFlush: constants.Z_SYNC_FLUSH });

const gunzip: Decoder = (bytes, limit) => gunzipSync(bytes, zlibOptions(limit));

/** RFC 9110 means zlib's frame; some servers send the bare stream. A frame begins with a low nibble of 8 (RFC 1950). */
const inflate: Decoder = (bytes, limit) => (((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync : inflateRawSync)(bytes, zlibOptions(limit));

const unbrotli: Decoder = (bytes, limit) =>
  brotliDecompressSync(bytes, { ...pieceOf(limit), finishFlush: constants.BROTLI_OPERATION_FLUSH });

const unzstd: Decoder = (bytes, limit) => zstdDecompressSync(bytes, { ...pieceOf(limit), finishFlush: constants.ZSTD_e_flush });

const decoders = new Map<string, Decoder>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["br", unbrotli],
  ["zstd", unzstd],
]);
