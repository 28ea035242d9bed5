import { detect } from "chardet";

/** pyspider looks at the first 1,000 bytes for a declaration and guesses from 600 (libs/response.py); more costs little and guesses better. */
const DECLARATION_BYTES = 2_048;
const SAMPLE_BYTES = 4_096;

/** Wider than what pages claim to be, and never different where the claim is true. */
const WIDER: Record<string, string> = { gb2312: "gb18030", gbk: "gb18030" };

/**
 * The encodings to try for a page, best first: Content-Type, byte order mark, declaration in the page, then a guess. Labels are lower-case and may be unknown.
 *
 * @param bytes the page's first bytes (at least 4 KiB where there are so many), one character each.
 */
export function* encodingCandidates(contentType: string, bytes: string): Generator<string> {
  const header = /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType)?.[1];
  const candidates = [
    () => header,
    () => byteOrderMark(bytes),
    () => declaredEncoding(bytes.slice(0, DECLARATION_BYTES)),
    () => guess(bytes),
  ];
  for (const candidate of candidates) {
    const label = candidate()?.toLowerCase();
    if (label) yield WIDER[label] ?? label;
  }
}

function byteOrderMark(bytes: string): string | undefined {
  if (bytes.startsWith("\xef\xbb\xbf")) return "utf-8";
  if (bytes.startsWith("\xfe\xff")) return "utf-16be";
  return bytes.startsWith("\xff\xfe") ? "utf-16le" : undefined;
}

function declaredEncoding(start: string): string | undefined {
  const [, inMeta, inXml] = /<meta[^>]+charset\s*=\s*["']?([\w.:-]+)|^\s*<\?xml[^>]+encoding\s*=\s*["']([\w.:-]+)/i.exec(start) ?? [];
  const label = inMeta ?? inXml;
  // A declaration that could be read as ASCII is not in UTF-16.
  return label && /^utf-?16/i.test(label) ? "utf-8" : label;
}

function guess(bytes: string): string | undefined {
  const sample = bytes.slice(0, SAMPLE_BYTES);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is how ASCII is told.
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

/** One byte a character. */
export function toBytes(characters: string): Uint8Array {
  const bytes = new Uint8Array(characters.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = characters.charCodeAt(index);
  return bytes;
}
