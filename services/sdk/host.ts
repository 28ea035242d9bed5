/**
 * The few operations that the language lacks, called in the process outside of the context.
 *
 * Only strings cross. A host function that runs out of stack throws an error of the outer realm: it is caught here and never reaches a script.
 */

export type EncodeMode = "reference" | "escape" | "refuse";

export interface Host {
  /** The page's bytes as text; for an unknown encoding "\0", which no decoded text equals unless the page is that one byte. */
  decode(encoding: string): string;
  /** As `decode`, of bytes that are characters. */
  decodeBytes(bytes: string, encoding: string): string;
  /**
   * "+" and the text's bytes, one character each; "" for an unknown encoding. Characters that the encoding does not have become references such as
   * `&#20013;` in the mode `reference`, and `%26%2320013%3B` in the mode `escape`. In the mode `refuse` the answer is "-" and the first of them.
   */
  encode(text: string, encoding: string, mode: EncodeMode): string;
  /** Hex digest of bytes that are characters; "" for an unknown algorithm. */
  hash(algorithm: string, bytes: string): string;
  /** The page's bytes, one character each. */
  bytes(): string;
  /** The page's bytes as text after gunzip, read as UTF-8; "\0" if they are not gzip, or exceed the size of a sitemap. */
  unzip(): string;
  /** Hex digest of the text in UTF-8. */
  md5(text: string): string;
  /** `href` and the other parts of the URL, in the order of URL_PARTS, joined by line feeds; "" if it is not valid. */
  parseUrl(url: string, base: string): string;
  /** `href` alone; "" if the two make no valid URL. */
  resolveUrl(url: string, base: string): string;
  /** A name or value of a query without its escapes, also of bytes that are no UTF-8. */
  decodeQueryText(text: string): string;
  /** `parseUrl` of `href` after setting one part. */
  setUrlPart(href: string, part: string, value: string): string;
  /** Positions in the script's source, most recent first, one per line, from the text of a stack. */
  sourceLines(stack: string): string;
}

let host: Host;

/** Called once, before any script is loaded. */
export function connectHost(functions: Host): void {
  host = functions;
}

function ask(question: () => string): string {
  try {
    return question();
  } catch {
    throw new RangeError("Maximum call stack size exceeded");
  }
}

export const decodePage = (encoding: string) => ask(() => host.decode(encoding));
export const decodeBytes = (bytes: string, encoding: string) => ask(() => host.decodeBytes(bytes, encoding));
export const encodeBytes = (text: string, encoding: string, mode: EncodeMode) => ask(() => host.encode(text, encoding, mode));
export const hashBytes = (algorithm: string, bytes: string) => ask(() => host.hash(algorithm, bytes));
export const unzipPage = () => ask(() => host.unzip());
export const pageBytes = () => ask(() => host.bytes());

/** For answers that are never empty: at the end of its stack the host gives an empty one. @throws RangeError */
function askForText(question: () => string): string {
  const text = ask(question);
  if (text === "") throw new RangeError("Maximum call stack size exceeded");
  return text;
}

/** Hex digest of the text in UTF-8. @throws RangeError at the end of the stack: without an id there is no task. */
export const md5 = (text: string): string => askForText(() => host.md5(text));

export const parseUrl = (url: string, base = "") => ask(() => host.parseUrl(url, base));
/** `"/a", "http://b/c"` -> `"http://b/a"`; "" if the two make no valid URL. */
export const resolveUrl = (url: string, base = "") => ask(() => host.resolveUrl(url, base));
/** `"a+b%20%E4"` -> `"a b \ufffd"`: a name or value of a query that is not empty, as `URLSearchParams` reads it. */
export const decodeQueryText = (text: string): string => askForText(() => host.decodeQueryText(text));
export const setUrlPart = (href: string, part: string, value: string) => ask(() => host.setUrlPart(href, part, value));
export const sourceLines = (stack: string) => ask(() => host.sourceLines(stack));
