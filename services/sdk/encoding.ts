import { detect } from "chardet";
import { ResultType, Sniffer } from "encoding-sniffer/sniffer";

/** Browsers read the first 1,024 bytes for a declaration, and start again when a later one is found (HTML Standard, section 13.2.3.2). */
export const SNIFFED_BYTES = 16_384;
const STEP_BYTES = 1_024;
const MARK_BYTES = 3;
/** pyspider guesses from 600 bytes (libs/response.py); more cost little and guess better. */
const SAMPLE_BYTES = 4_096;

/**
 * The encodings to try for a page, best first: what it declares, then a guess. Labels are lower-case.
 *
 * @param bytes the page's first bytes (SNIFFED_BYTES if it has so many), one character each.
 */
export function* encodingCandidates(contentType: string, bytes: string): Generator<string> {
  const declared = declaredEncoding(contentType, bytes);
  if (declared !== undefined) yield declared;
  const guessed = guess(bytes);
  if (guessed) yield guessed.toLowerCase();
}

/** What browsers find: byte order mark, Content-Type, declaration in the page. Parameters as of `encodingCandidates`. */
export function declaredEncoding(contentType: string, bytes: string): string | undefined {
  const header = /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType)?.[1];
  const sniffer = new Sniffer({ maxBytes: SNIFFED_BYTES, ...(header === undefined ? {} : { transportLayerEncodingLabel: header }) });
  // Only a byte order mark overrides the header, and the first declaration counts.
  if (sniffer.resultType === ResultType.PASSED) sniffer.write(toBytes(bytes.slice(0, MARK_BYTES)));
  for (let at = 0; at < bytes.length && sniffer.resultType === ResultType.DEFAULT; at += STEP_BYTES)
    sniffer.write(toBytes(bytes.slice(at, at + STEP_BYTES)));
  // For a label such as `constructor`, whatwg-encoding finds a property of every object.
  const isFound = sniffer.resultType !== ResultType.DEFAULT && typeof sniffer.encoding === "string";
  return isFound ? sniffer.encoding.toLowerCase() : undefined;
}

/**
 * A page's text in the first encoding that `decode` knows, or else in UTF-8.
 *
 * @param candidates of `encodingCandidates`.
 * @param decode returns undefined for a label that it does not know.
 */
export function decodeFirst(
  candidates: Iterable<string>,
  decode: (label: string) => string | undefined,
): { text: string; encoding: string } {
  for (const encoding of candidates) {
    const text = decode(encoding);
    if (text !== undefined) return { text, encoding };
  }
  return { text: decode("utf-8") ?? "", encoding: "utf-8" };
}

function guess(bytes: string): string | undefined {
  const sample = bytes.slice(0, SAMPLE_BYTES);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern detects ASCII.
  if (/^[\x00-\x7f]*$/.test(sample)) return "utf-8";
  return isUtf8(sample) ? "utf-8" : (detect(toBytes(sample)) ?? undefined);
}

function isUtf8(sample: string): boolean {
  try {
    // A character may be cut at the end of the sample.
    decodeURIComponent(escape(sample.replace(/[\xc0-\xff][\x80-\xbf]{0,2}$/, "")));
    return true;
  } catch {
    return false;
  }
}

/** One byte per character. */
export function toBytes(characters: string): Uint8Array {
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}

const CHUNK = 8_192;
/** One character per byte. */
export function toCharacters(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return text;
}
