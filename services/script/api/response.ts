import type { CheerioAPI } from "cheerio/slim";
import type { Document, Element } from "domhandler";
import type { Page, TaskError } from "../../core/messages.ts";
import { loadDocument } from "./document.ts";
import { encodingCandidates, toBytes } from "./encoding.ts";
import { decodePage, pageBytes, unzipPage } from "./host.ts";
import type { LinkElement } from "./link-element.ts";
import { readSitemap, type Sitemap } from "./sitemap.ts";
import { evaluateXPath } from "./xpath.ts";

/** How every gzip begins (RFC 1952). */
const GZIP = "\x1f\x8b\x08";
/** What `Host.decode` answers for an encoding it does not know. */
const UNKNOWN_ENCODING = "\0";

/** The page is to blame, and whoever fetched it knows why. */
export class PageFailure extends Error {}

/** What the server answered, read in when it is asked for. */
export class Response {
  /** After redirects. */
  readonly url: string;
  /** As it was asked for. */
  readonly origUrl: string;
  /** 599: no complete answer came; see `error`. */
  readonly statusCode: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly cookies: Record<string, string>;
  /** Seconds that the fetch took. */
  readonly time: number;
  /** Why no complete answer came. */
  readonly error: TaskError | undefined;
  /** What `crawl()` was given as `save`. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows its own.
  readonly save: any;
  /** What `jsScript` returned. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows its own.
  readonly jsScriptResult: any;
  /** A PNG in base64, if the task asked for one. */
  readonly screenshot: string | undefined;
  readonly #allowRedirects: boolean;
  #encoding: string | undefined;
  #text: string | undefined;
  #json: { value: unknown } | undefined;
  #document: CheerioAPI | undefined;
  #sitemap: { value: Sitemap | undefined } | undefined;

  constructor(page: Omit<Page, "content">, { save, allowRedirects }: { save?: unknown; allowRedirects: boolean }) {
    this.url = page.url;
    this.origUrl = page.origUrl;
    this.statusCode = page.statusCode;
    this.headers = page.headers;
    this.cookies = page.cookies;
    this.time = page.timeMs / 1_000;
    this.error = page.error;
    this.save = save;
    this.jsScriptResult = page.jsScriptResult;
    this.screenshot = page.screenshot;
    this.#allowRedirects = allowRedirects;
  }

  /** A complete answer with status 2xx or 304, or 3xx where redirects were not to be followed. */
  get ok(): boolean {
    if (this.error) return false;
    return (
      (this.statusCode >= 200 && this.statusCode < 300) ||
      this.statusCode === 304 ||
      (!this.#allowRedirects && this.statusCode >= 300 && this.statusCode < 400)
    );
  }

  /** Ends the callback, and with it this try of the task, unless the page is `ok`. For callbacks with `@catchStatusCodeError`. */
  raiseForStatus(): void {
    if (!this.ok) throw new PageFailure(this.error?.message ?? `${this.url} answered with status ${this.statusCode}`);
  }

  /** The body's bytes. A new copy each time. */
  get content(): Uint8Array {
    return toBytes(pageBytes());
  }

  /** Of the header, the page itself, or a guess; UTF-8 when nothing helps. Set it to read the page in another. */
  get encoding(): string {
    if (this.#encoding === undefined) this.#decode(encodingCandidates(this.headers["content-type"] ?? "", pageBytes().slice(0, 4_096)));
    return this.#encoding as string;
  }

  /** @throws RangeError when the encoding is not known. */
  set encoding(label: string) {
    const text = decodePage(String(label));
    if (text === UNKNOWN_ENCODING) throw new RangeError(`there is no encoding ${label}`);
    this.#encoding = String(label);
    this.#text = text;
    this.#json = undefined;
    this.#document = undefined;
    this.#sitemap = undefined;
  }

  /** The body as text; what cannot be decoded reads U+FFFD. */
  get text(): string {
    if (this.#text === undefined) void this.encoding;
    return this.#text as string;
  }

  /** The body as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows the site.
  get json(): any {
    this.#json ??= { value: parseJson(this.text) };
    return this.#json.value;
  }

  /** cheerio's `$` on the body: `response.doc("h1").text()`. Links are absolute. */
  get doc(): CheerioAPI {
    this.#document ??= loadDocument(this.text, this.url, this.headers["content-type"] ?? "");
    return this.#document;
  }

  /**
   * What the page leads to if it is a sitemap, an index of sitemaps (both also as .gz), or a robots.txt that names some; undefined when it is none of
   * these. 50,000 entries at most.
   */
  get sitemap(): Sitemap | undefined {
    this.#sitemap ??= { value: readSitemap(this.#isGzip() ? unzipPage() : this.text, this.url) };
    return this.#sitemap.value;
  }

  /**
   * XPath 1.0 on the same document: elements (as `doc("a")` has them; `crawl()` takes them), attributes and texts as text, in document order; what
   * `string()`, `count()` and the like give is an array of one.
   *
   * @param context an element where a relative expression begins; default: the document.
   * @throws TypeError for what is no XPath 1.0 expression.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the expression says what comes; the script knows its own.
  xpath<T = any>(expression: string, context?: LinkElement): T[] {
    const root = this.doc.root()[0] as Document;
    return evaluateXPath(expression, root, context as Element | undefined) as T[];
  }

  #isGzip(): boolean {
    return pageBytes().startsWith(GZIP);
  }

  #decode(candidates: Iterable<string>): void {
    for (const label of candidates) {
      const text = decodePage(label);
      if (text === UNKNOWN_ENCODING) continue;
      this.#encoding = label;
      this.#text = text;
      return;
    }
    this.#encoding = "utf-8";
    this.#text = decodePage("utf-8");
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
