import { UnsupportedUrlError } from "./errors.ts";

/**
 * `data:text/html;base64,PGgxPg==` -> content type and bytes (RFC 2397). Everything after the first comma is data; a fragment is cut off.
 *
 * @throws UnsupportedUrlError if there is no comma.
 */
export function parseDataUrl(url: string): { contentType: string; content: Buffer } {
  const comma = url.indexOf(",");
  if (comma < 0) throw new UnsupportedUrlError(url, "a data: URL needs a comma before its data");
  const type = url.slice("data:".length, comma).trim();
  const isBase64 = /;\s*base64$/i.test(type);
  const bytes = decodePercent(url.slice(comma + 1).replace(/#.*$/s, ""));
  return {
    contentType: completeType(isBase64 ? type.replace(/;\s*base64$/i, "") : type),
    content: isBase64 ? Buffer.from(bytes.toString("latin1"), "base64") : bytes,
  };
}

function completeType(type: string): string {
  if (type === "") return "text/plain;charset=US-ASCII";
  return type.startsWith(";") ? `text/plain${type}` : type;
}

/** Bytes, not text: `%e4` may be in any charset. */
function decodePercent(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (!text.includes("%")) return bytes;
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const hex = bytes[i] === 0x25 ? bytes.toString("latin1", i + 1, i + 3) : "";
    const isEscape = /^[0-9a-f]{2}$/i.test(hex);
    bytes[length++] = isEscape ? Number.parseInt(hex, 16) : (bytes[i] ?? 0);
    if (isEscape) i += 2;
  }
  return bytes.subarray(0, length);
}
