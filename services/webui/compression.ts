import compress from "@fastify/compress";
import type { FastifyInstance } from "fastify";

/** A shorter answer is one packet either way. */
const MIN_BYTES = 1_024;
/** Exports are long: a low level takes less time of the one process. */
const LEVEL = 3;

/**
 * Compresses the answers of the routes that are added afterwards: text of more than 1 KiB, and streams, which stay streams. A workbook is compressed
 * in itself.
 *
 * Gzip only: its state is 256 KiB a stream, while brotli's is up to 16 MiB. Bodies of requests are not decompressed, because their limits
 * count the bytes that were sent.
 */
export async function compressAnswers(app: FastifyInstance): Promise<void> {
  await app.register(compress, {
    encodings: ["gzip"],
    threshold: MIN_BYTES,
    customTypes: /^(?:text\/(?!event-stream)|application\/jsonl?(?:;|$))/,
    globalDecompression: false,
    zlibOptions: { level: LEVEL },
  });
}
