import type { CheerioAPI } from "cheerio/slim";
import type { Document, Element } from "domhandler";
import { describeExcess, JSON_LIMITS, type JsonLimitError } from "../core/protocol/json-limits.ts";
import type { CapturedRequest, Page, TaskError } from "../core/protocol/messages.ts";
import { isPageOk } from "../core/protocol/page-ok.ts";
import { isMarkupParser, MARKUP_PARSERS, type MarkupParser } from "../core/protocol/task.ts";
import { loadDocument, usualParser } from "./document.ts";
import { decodeFirst, encodingCandidates, SNIFFED_BYTES, toBytes } from "./encoding.ts";
import { parseJson } from "./exact-json.ts";
import { type Entries, type FormChoices, type FormRequest, formRequest } from "./form.ts";
import { decodePage, pageBytes, unzipPage } from "./host.ts";
import { type LinkElement, urlOf } from "./link-element.ts";
import { readSitemap, type Sitemap } from "./sitemap.ts";
import { textOf } from "./text-of.ts";
import { evaluateXPath } from "./xpath.ts";

/** The first bytes of every gzip (RFC 1952). */
const GZIP = "\x1f\x8b\x08";
/** The result of `Host.decode` for an unknown encoding. */
const UNKNOWN_ENCODING = "\0";

/** The page failed, and its fetch error has the reason. */
export class PageFailure extends Error {}

/** The page's JSON exceeds a limit. */
export class PageJsonFailure extends Error {
  readonly verdict: "deep" | "many";

  constructor(verdict: "deep" | "many") {
    super(`the page's JSON has ${describeExcess(verdict, JSON_LIMITS.page)}`);
    this.verdict = verdict;
  }
}

/** The server's response; its parts are decoded on first use. */
export class Response {
  /** After redirects. */
  readonly url: string;
  /** The requested URL. */
  readonly origUrl: string;
  /** 599: no complete response arrived; see `error`. */
  readonly statusCode: number;
  /** Lower-case names. */
  readonly headers: Record<string, string>;
  readonly cookies: Record<string, string>;
  /** Duration of the fetch in seconds. */
  readonly time: number;
  /** Why no complete response arrived. */
  readonly error: TaskError | undefined;
  /** The `save` option of `crawl()`. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows its own.
  readonly save: any;
  /** The result of `jsScript`. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows its own.
  readonly jsScriptResult: any;
  /** A PNG in base64, if the task requested one. */
  readonly screenshot: string | undefined;
  /** Of a rendered page: the answers that `captureRequests` asked for, in the order of their arrival. */
  readonly requests: readonly CapturedRequest[];
  /** What is missing from the page although it arrived, such as "http://… was still loading". Empty if nothing is. */
  readonly warnings: readonly string[];
  readonly #allowRedirects: boolean;
  #encoding: string | undefined;
  #text: string | undefined;
  #json: { value: unknown } | undefined;
  readonly #parser: MarkupParser | undefined;
  readonly #documents = new Map<MarkupParser, CheerioAPI>();
  #sitemap: { value: Sitemap | undefined } | undefined;

  constructor(
    page: Omit<Page, "content">,
    { save, allowRedirects, parser }: { save?: unknown; allowRedirects: boolean; parser?: MarkupParser },
  ) {
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
    this.requests = page.requests ?? [];
    this.warnings = page.warnings ?? [];
    this.#allowRedirects = allowRedirects;
    this.#parser = parser;
  }

  /** A complete response with status 2xx or 304, or 3xx if redirects were not to be followed. */
  get ok(): boolean {
    return isPageOk(this, { allowRedirects: this.#allowRedirects });
  }

  /** Fails the callback, and with it this try of the task, unless the page is `ok`. For callbacks with `@catchStatusCodeError`. */
  raiseForStatus(): void {
    if (!this.ok) throw new PageFailure(this.error?.message ?? `${this.url} answered with status ${this.statusCode}`);
  }

  /** The body's bytes. A new copy each time. */
  get content(): Uint8Array {
    return toBytes(pageBytes());
  }

  /** From the header, the page itself, or a guess; UTF-8 otherwise. Set it to decode the page in another encoding. */
  get encoding(): string {
    if (this.#encoding === undefined)
      this.#decode(encodingCandidates(this.headers["content-type"] ?? "", pageBytes().slice(0, SNIFFED_BYTES)));
    return this.#encoding as string;
  }

  /** @throws RangeError if the encoding is unknown. */
  set encoding(label: string) {
    const text = decodePage(String(label));
    if (text === UNKNOWN_ENCODING) throw new RangeError(`unknown encoding ${label}`);
    this.#encoding = String(label);
    this.#text = text;
    this.#json = undefined;
    this.#documents.clear();
    this.#sitemap = undefined;
  }

  /** The body as text; undecodable bytes become U+FFFD. */
  get text(): string {
    if (this.#text === undefined) void this.encoding;
    return this.#text as string;
  }

  /**
   * The body as JSON; undefined if it is not JSON. Numbers beyond 2 ** 53 - 1, such as ids of 64 bits, are texts, because JavaScript would round them. A
   * body with more than 4,000,000 values, or more than 200 levels, fails the task.
   */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows the site.
  get json(): any {
    this.#json ??= { value: parsePage(this.text) };
    return this.#json.value;
  }

  /** cheerio's `$` on the body: `response.doc("h1").text()`. Links are absolute. The option `parser` of `crawl()` decides how it is parsed. */
  get doc(): CheerioAPI {
    return this.parse(this.#parser ?? usualParser(this.text, this.headers["content-type"] ?? ""));
  }

  /** As `doc`, by another parser than that of the task. @throws TypeError for an unknown parser. */
  parse(parser: MarkupParser): CheerioAPI {
    if (!isMarkupParser(parser)) throw new TypeError(`parse() takes ${MARKUP_PARSERS.join(", ")}, not ${String(parser).slice(0, 100)}`);
    const known = this.#documents.get(parser);
    if (known) return known;
    const made = loadDocument({ text: this.text, url: this.url, encoding: this.encoding, parser });
    this.#documents.set(parser, made);
    return made;
  }

  /**
   * The links of a sitemap, an index of sitemaps, a feed (RSS, Atom), a text of URLs (all of them also as .gz), or a robots.txt that names sitemaps;
   * undefined for other pages.
   * 50,000 entries at most.
   */
  get sitemap(): Sitemap | undefined {
    this.#sitemap ??= { value: readSitemap(this.#isGzip() ? unzipPage() : this.text, this.url) };
    return this.#sitemap.value;
  }

  /**
   * XPath 1.0 on the same document: elements (as in `doc("a")`; `crawl()` accepts them), attributes and texts as text, in document order. The result
   * of `string()`, `count()` and the like is an array with one value.
   *
   * @param context an element where a relative expression begins; default: the document.
   * @throws TypeError for an invalid XPath 1.0 expression.
   */
  // biome-ignore lint/suspicious/noExplicitAny: the expression defines the type; the script knows its own.
  xpath<T = any>(expression: string, context?: LinkElement): T[] {
    const root = this.doc.root()[0] as Document;
    return evaluateXPath(expression, root, context as Element | undefined) as T[];
  }

  /**
   * The http and https addresses of links, absolute, each once, in the order of the page.
   *
   * @param selector of links, or of elements that contain them. Default: all links of the page.
   */
  links(selector = "a, area"): string[] {
    const found = this.doc(selector);
    const elements = found.filter("a, area").add(found.find("a, area")).toArray() as Element[];
    return [...new Set(elements.map(urlOf))].filter((url) => url !== undefined);
  }

  /**
   * The text of elements with line feeds between blocks and collapsed white space, as PyQuery's `text()`: `<p>a<br>b</p>` -> `"a\nb"`. Texts of several
   * elements are joined by spaces. Without the texts of scripts and styles.
   *
   * @param what a selector, an element, or a selection of `doc`.
   */
  textOf(what: string | LinkElement | Iterable<LinkElement>): string {
    const elements = typeof what === "string" || !(Symbol.iterator in what) ? this.doc(what as string).toArray() : [...what];
    return elements.map((element) => textOf(element as Element)).join(" ");
  }

  /**
   * A form of the page as a browser submits it: all its controls, hidden ones and the clicked button included, in the form's encoding.
   *
   * @param selector of the form, or of anything in it.
   * @param entries what to fill in, by the names of controls; names that the form does not have are sent, too.
   * @throws TypeError if there is no such form or button, or an entry has no certain text.
   */
  form(selector = "form", entries: Entries = {}, choices: FormChoices = {}): FormRequest {
    return formRequest({ doc: this.doc, url: this.url, encoding: this.encoding }, selector, entries, choices);
  }

  #isGzip(): boolean {
    return pageBytes().startsWith(GZIP);
  }

  #decode(candidates: Iterable<string>): void {
    const { text, encoding } = decodeFirst(candidates, decodeKnown);
    this.#encoding = encoding;
    this.#text = text;
  }
}

/** Undefined for an unknown encoding. */
function decodeKnown(label: string): string | undefined {
  const text = decodePage(label);
  return text === UNKNOWN_ENCODING ? undefined : text;
}

/** @throws PageJsonFailure */
function parsePage(text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const { verdict } = error as JsonLimitError;
    if (verdict === "invalid") return undefined;
    throw verdict === undefined ? error : new PageJsonFailure(verdict);
  }
}
