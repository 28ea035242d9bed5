/**
 * The few things that the language alone cannot do, asked of the process outside of the context.
 *
 * Only strings cross. A host function that runs out of stack throws an error of the outer realm: it is caught here and never shown to a script.
 */

export interface Host {
  /** The page's bytes as text; an encoding that is not known gives "\0", which no decoded text equals unless the page is that one byte. */
  decode(encoding: string): string;
  /** The page's bytes, one character each. */
  bytes(): string;
  /** The page's bytes as text once gzip is undone, read as UTF-8; "\0" where they are no gzip, or more than a sitemap may have. */
  unzip(): string;
  /** Hex digest of the text in UTF-8. */
  md5(text: string): string;
  /** `href` and the other parts of the URL, in the order of URL_PARTS, joined by line feeds; "" when it is none. */
  parseUrl(url: string, base: string): string;
  /** `href` alone; "" when the two make no URL. */
  resolveUrl(url: string, base: string): string;
  /** `parseUrl` of `href` after one part was set. */
  setUrlPart(href: string, part: string, value: string): string;
  /** Positions in the script's source, most recent first, one a line, from the text of a stack. */
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
export const unzipPage = () => ask(() => host.unzip());
export const pageBytes = () => ask(() => host.bytes());

/** Hex digest of the text in UTF-8. @throws RangeError at the end of the stack: without an id there is no task. */
export function md5(text: string): string {
  const digest = ask(() => host.md5(text));
  if (digest === "") throw new RangeError("Maximum call stack size exceeded");
  return digest;
}

export const parseUrl = (url: string, base = "") => ask(() => host.parseUrl(url, base));
/** `"/a", "http://b/c"` -> `"http://b/a"`; "" when the two make no URL. */
export const resolveUrl = (url: string, base = "") => ask(() => host.resolveUrl(url, base));
export const setUrlPart = (href: string, part: string, value: string) => ask(() => host.setUrlPart(href, part, value));
export const sourceLines = (stack: string) => ask(() => host.sourceLines(stack));
