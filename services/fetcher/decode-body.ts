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
 * A truncated stream returns what was decoded, with `isCut`, and an unknown coding is ignored, as in browsers.
 *
 * The output is one buffer of `limitBytes`, of which only the filled part takes memory: smaller pieces would have to be joined, and large bodies
 * would be in memory twice.
 *
 * @returns TOO_LARGE as soon as the output exceeds `limitBytes`.
 * @throws Error if the bytes are not in the declared coding.
 */
export function decodeBody(wire: Buffer, contentEncoding: string | undefined, limitBytes: number): Decoded | typeof TOO_LARGE {
  const decoded: Decoded = { body: wire, isCut: false };
  if (contentEncoding === undefined || wire.length === 0) return decoded;
  const codings = contentEncoding.toLowerCase().split(",", MAX_CODINGS).reverse();
  try {
    for (const coding of codings) decodeOnce(decoded, coding.trim(), limitBytes);
    return decoded.body.length > limitBytes ? TOO_LARGE : decoded;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") return TOO_LARGE;
    throw error;
  }
}

export interface Decoded {
  body: Buffer;
  /** A compressed stream ended before its end. */
  isCut: boolean;
}

function decodeOnce(decoded: Decoded, coding: string, limitBytes: number): void {
  const decoder = decoders.get(coding);
  if (!decoder) return;
  try {
    decoded.body = trimmed(decoder(decoded.body, limitBytes, "whole"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== ENDED_EARLY) throw error;
    decoded.body = trimmed(decoder(decoded.body, limitBytes, "beginning"));
    decoded.isCut = true;
  }
}

/** Without memory that the output does not fill. */
function trimmed(output: Buffer): Buffer {
  const slack = output.buffer.byteLength - output.length;
  if (slack <= output.length * SLACK) return output;
  const exact = Buffer.allocUnsafeSlow(output.length);
  output.copy(exact);
  return exact;
}

/** Whether a stream must have its end. */
type Extent = "whole" | "beginning";
type Decoder = (bytes: Buffer, limitBytes: number, extent: Extent) => Buffer;

/** The error of all decoders of Node for a stream without its end. */
const ENDED_EARLY = "Z_BUF_ERROR";

/** One byte more than the limit: an output that fills its buffer would get a second one before it is refused. zlib accepts no limit of 0. */
const pieceOf = (limitBytes: number) => ({
  maxOutputLength: Math.max(1, limitBytes),
  chunkSize: Math.max(constants.Z_MIN_CHUNK, limitBytes + 1),
});

const zlibOptions = (limitBytes: number, extent: Extent): ZlibOptions => ({
  ...pieceOf(limitBytes),
  finishFlush: extent === "whole" ? constants.Z_FINISH : constants.Z_SYNC_FLUSH,
});

const gunzip: Decoder = (bytes, limit, extent) => gunzipSync(bytes, zlibOptions(limit, extent));

/** RFC 9110 means zlib's frame; some servers send the bare stream. A frame begins with a low nibble of 8 (RFC 1950). */
const inflate: Decoder = (bytes, limit, extent) =>
  (((bytes[0] ?? 0) & 0x0f) === 8 ? inflateSync : inflateRawSync)(bytes, zlibOptions(limit, extent));

const unbrotli: Decoder = (bytes, limit, extent) =>
  brotliDecompressSync(bytes, {
    ...pieceOf(limit),
    finishFlush: extent === "whole" ? constants.BROTLI_OPERATION_FINISH : constants.BROTLI_OPERATION_FLUSH,
  });

const unzstd: Decoder = (bytes, limit, extent) =>
  zstdDecompressSync(bytes, { ...pieceOf(limit), finishFlush: extent === "whole" ? constants.ZSTD_e_end : constants.ZSTD_e_flush });

const decoders = new Map<string, Decoder>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", inflate],
  ["br", unbrotli],
  ["zstd", unzstd],
]);
