import { Parser } from "htmlparser2";
import { resolveUrl } from "./host.ts";

/** The limits of a sitemap (sitemaps.org, "Sitemap file"); further entries are ignored. */
const MAX_ENTRIES = 50_000;

/** A page, or a further sitemap. */
export interface SitemapEntry {
  /** Absolute. */
  url: string;
  /** As in the sitemap, or the date of the item in a feed: usable as an `itag` to detect changes of the page. */
  lastmod?: string;
}

/** The links of a sitemap; an index has only `sitemaps`, all others only `urls`. */
export interface Sitemap {
  urls: SitemapEntry[];
  sitemaps: SitemapEntry[];
}

/**
 * Parses what sitemaps.org allows: a `<urlset>`, a `<sitemapindex>`, an RSS or Atom feed, a text of URLs, one a line, and the `Sitemap:` lines of a
 * robots.txt.
 *
 * @param url of the text, for relative links. Entries that are not http or https URLs are left out.
 * @returns undefined for anything else.
 */
export function readSitemap(text: string, url: string): Sitemap | undefined {
  if (/^\s*</.test(text)) return readXml(text, url);
  if (FIRST_URL.test(text)) return readList(text, url);
  const lines = [...text.matchAll(/^[ \t]*sitemap[ \t]*:[ \t]*(\S+)/gim)].slice(0, MAX_ENTRIES);
  const sitemaps = lines.flatMap(([, address]) => entryOf({ loc: address }, url));
  return lines.length > 0 ? { urls: [], sitemaps } : undefined;
}

const FIRST_URL = /^\s*https?:\/\/\S+[ \t]*(?:[\r\n]|$)/i;
/** Of any line, also one that ends with CR alone. */
const LISTED_URL = /^[ \t\uFEFF]*(https?:\/\/\S+)[ \t]*$/gim;

function readList(text: string, url: string): Sitemap {
  const urls: SitemapEntry[] = [];
  for (const [, loc] of text.matchAll(LISTED_URL)) {
    if (urls.length >= MAX_ENTRIES) break;
    urls.push(...entryOf({ loc }, url));
  }
  return { urls, sitemaps: [] };
}

/** The elements of one format, by names without prefix. */
interface Format {
  /** The elements with one link each. */
  entries: Record<string, "urls" | "sitemaps">;
  /** Children of an entry whose text is its link. */
  link: string;
  /** Children of an entry whose text is its link if there is no other, and the text is an address. */
  id?: string;
  /** Children of an entry with its date. */
  dates: string[];
}

const SITEMAP: Format = { entries: { url: "urls", sitemap: "sitemaps" }, link: "loc", dates: ["lastmod"] };
const FEED: Format = { entries: { item: "urls", entry: "urls" }, link: "link", id: "guid", dates: ["pubDate", "date", "updated"] };
const FORMATS: Record<string, Format> = { urlset: SITEMAP, sitemapindex: SITEMAP, rss: FEED, RDF: FEED, feed: FEED };

const MAX_TAG = 1_000;

/** `text` is what is in the entry itself. */
type Fields = { loc?: string; lastmod?: string; id?: string; text?: string };

function readXml(text: string, url: string): Sitemap | undefined {
  const root = rootName(text);
  const format = root !== undefined && Object.hasOwn(FORMATS, root) ? FORMATS[root] : undefined;
  if (!format) return undefined;
  // A text that is cut inside of a tag has the whole text before it.
  const reader = new EntryReader(format, url, /<[^>]*$/.test(text.slice(-MAX_TAG)));
  new Parser(reader, { xmlMode: true }).end(text);
  return root === "urlset" || root === "sitemapindex" || reader.count > 0 ? reader.sitemap : undefined;
}

/**
 * Collects entries. Real sitemaps have entries without an end, several links in one entry, each of which is an entry, and links without their element.
 * A link that is cut off at the end of the text is incomplete.
 */
class EntryReader {
  readonly sitemap: Sitemap = { urls: [], sitemaps: [] };
  count = 0;
  readonly #format: Format;
  readonly #url: string;
  /** Names without prefix, from the root down. */
  readonly #open: string[] = [];
  #fields: Fields = {};
  #text: string | undefined;
  readonly #endsInTag: boolean;

  constructor(format: Format, url: string, endsInTag: boolean) {
    this.#format = format;
    this.#url = url;
    this.#endsInTag = endsInTag;
  }

  onopentag(name: string, attributes: Record<string, string>): void {
    const local = localName(name);
    // Some write <loc><url>…</url></loc>.
    if (this.#isEntry(local) && this.#open.at(-1) === this.#format.link && this.#text?.trim() === "") {
      this.#open.push(INSIDE);
      return;
    }
    const { link, id, dates } = this.#format;
    const isField = this.#list !== undefined;
    // `atom:link` of an RSS item leads to the feed.
    const isLink = isField && local === link && (name === local || link === "loc");
    if ((isLink && link === "loc" && this.#fields.loc !== undefined) || this.#isEntry(local)) this.#flush();
    if (isLink && attributes.href !== undefined && (attributes.rel ?? "alternate") === "alternate") this.#fields.loc ??= attributes.href;
    this.#text = isLink || (isField && (dates.includes(local) || local === id)) ? "" : undefined;
    this.#open.push(local);
  }

  ontext(part: string): void {
    if (this.#text !== undefined) this.#text += part;
    else if (this.#list !== undefined) this.#fields.text = (this.#fields.text ?? "") + part;
  }

  onclosetag(_name: string, isImplied: boolean): void {
    const local = this.#open.pop() as string;
    if (local === INSIDE) return;
    if (this.#text?.trim() && (!isImplied || this.#endsInTag)) {
      if (local === this.#format.link) this.#fields.loc ??= this.#text;
      else if (local === this.#format.id) this.#fields.id ??= this.#text;
      else this.#fields.lastmod ??= this.#text;
    }
    this.#text = undefined;
    if (this.#isEntry(local)) this.#flush(local);
  }

  /** The list of the entry whose children are read. */
  get #list(): "urls" | "sitemaps" | undefined {
    const parent = this.#open.at(-1);
    return parent !== undefined && this.#isEntry(parent) ? this.#format.entries[parent] : undefined;
  }

  #isEntry(name: string): boolean {
    return Object.hasOwn(this.#format.entries, name);
  }

  /** Ends the entry that is open, which is `name` if its element has ended. */
  #flush(name = this.#open.at(-1) ?? ""): void {
    const { loc, id, text, lastmod } = this.#fields;
    this.#fields = {};
    const list = this.#isEntry(name) ? this.#format.entries[name] : undefined;
    const link = loc ?? [id, text].find((one) => ADDRESS.test(one ?? ""));
    if (list && link !== undefined && this.count++ < MAX_ENTRIES) this.sitemap[list].push(...entryOf({ loc: link, lastmod }, this.#url));
  }
}

/** Stands for an element that is skipped, but not its text. */
const INSIDE = " ";
const ADDRESS = /^\s*https?:\/\/\S+\s*$/i;

const localName = (name: string) => name.slice(name.indexOf(":") + 1);

/** The name of the first element, without prefix: after declarations and comments, however long. */
function rootName(text: string): string | undefined {
  for (let at = 0; at >= 0; ) {
    at = text.indexOf("<", at);
    if (at < 0) return undefined;
    if (text.startsWith("<!--", at)) at = text.indexOf("-->", at);
    else if (/[!?]/.test(text[at + 1] ?? "")) at = text.indexOf(">", at);
    else {
      START_TAG.lastIndex = at;
      const name = START_TAG.exec(text)?.[1];
      return name === undefined ? undefined : localName(name);
    }
  }
  return undefined;
}

const START_TAG = /<([\w:.-]+)/y;

function entryOf({ loc, lastmod }: { loc?: string | undefined; lastmod?: string | undefined }, base: string): SitemapEntry[] {
  // An entity that is declared elsewhere is no address.
  if (/^\s*&\w+;\s*$/.test(loc ?? "")) return [];
  const url = resolveUrl(loc?.trim() ?? "", base);
  if (!loc?.trim() || !/^https?:/.test(url)) return [];
  const changed = lastmod?.trim();
  return [changed ? { url, lastmod: changed } : { url }];
}
