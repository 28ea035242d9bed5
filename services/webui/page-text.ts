import { createDecoder } from "../core/runtime/text-decoder.ts";
import { decodeFirst, encodingCandidates, SNIFFED_BYTES } from "../sdk/encoding.ts";

/** A page's text, as a script gets it as `response.text`. @param content the body, or its beginning. */
export function pageText(content: Uint8Array, contentType: string): { text: string; encoding: string } {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return decodeFirst(encodingCandidates(contentType, bytes.toString("latin1", 0, SNIFFED_BYTES)), (label) => decode(bytes, label));
}

function decode(bytes: Buffer, label: string): string | undefined {
  try {
    return createDecoder(label).decode(bytes);
  } catch {
    return undefined;
  }
}
