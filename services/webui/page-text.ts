import { createDecoder, type Decoder } from "../core/runtime/text-decoder.ts";
import { encodingCandidates, SNIFFED_BYTES } from "../sdk/encoding.ts";

/** A page's text, as a script gets it as `response.text`. @param content the body, or its beginning. */
export function pageText(content: Uint8Array, contentType: string): { text: string; encoding: string } {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  for (const encoding of encodingCandidates(contentType, bytes.toString("latin1", 0, SNIFFED_BYTES))) {
    const decoder = decoderOf(encoding);
    if (decoder) return { text: decoder.decode(bytes), encoding };
  }
  return { text: new TextDecoder().decode(bytes), encoding: "utf-8" };
}

function decoderOf(label: string): Decoder | undefined {
  try {
    return createDecoder(label);
  } catch {
    return undefined;
  }
}
