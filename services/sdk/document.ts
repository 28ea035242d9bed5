import { type CheerioAPI, load } from "cheerio/slim";
import type { Document, Element } from "domhandler";
import { isMarkupParser, MARKUP_PARSERS, type MarkupParser } from "../core/protocol/task.ts";
import { resolveUrl } from "./host.ts";
import { encodeLinkQuery } from "./page-encoding.ts";
import { parseAsBrowsers, parseMarkup } from "./parse.ts";

/** The attributes with one URL (HTML standard, "attributes" index). */
const URL_ATTRIBUTES = new Set(["href", "src", "action", "formaction", "poster", "cite"]);

/** A page to parse. */
export interface Source {
  text: string;
  /** Of relative links; "" leaves them as they are. */
  url: string;
  /** Of the queries of links. */
  encoding: string;
  parser: MarkupParser;
}

/** cheerio on the page's tree; links are absolute. */
export function loadDocument({ text, url, encoding, parser }: Source): CheerioAPI {
  const isXml = parser === "xml";
  const { root, linked } = parser === "html5" ? parseAsBrowsers(text, isLinked) : parseMarkup(text, { isXml, isLinked });
  makeLinksAbsolute(linked, { url, encoding });
  return openDocument(root, isXml ? sharedXml : sharedHtml);
}

/** The parser for a page: `xml` if it is served as XML or begins as XML, otherwise `html`. */
export const usualParser = (text: string, contentType: string): MarkupParser =>
  (/\bxml\b/i.test(contentType) && !/xhtml/i.test(contentType)) || (/^\s*<\?xml/i.test(text) && !/<html/i.test(text.slice(0, 1_000)))
    ? "xml"
    : "html";

/**
 * cheerio's `$` on a text, such as HTML in a field of JSON.
 *
 * @param options `parser`: "html" by default. `url`: of relative links, which stay relative without it.
 * @throws TypeError for an unknown parser.
 */
export function parseDocument(text: string, { parser = "html", url = "" }: { parser?: MarkupParser; url?: string } = {}): CheerioAPI {
  if (!isMarkupParser(parser)) throw new TypeError(`parseDocument() takes as parser ${MARKUP_PARSERS.join(", ")}, not ${String(parser)}`);
  return loadDocument({ text: String(text), url, encoding: "utf-8", parser });
}

/** Private parts of cheerio that do not change: selections know their root, and make further ones through `_make`. */
interface Selection {
  _root: Selection & { 0: Document };
  prevObject: Selection;
}
type Select = (selector: unknown, context: unknown, root: unknown, options?: unknown) => Selection;
type Shared = Select & { fn: { _make: (this: Selection, selector: unknown, context: unknown) => Selection } };
type Opened = CheerioAPI & { _root: Document };

const sharedHtml = share(load([], { xml: { xmlMode: false, decodeEntities: true } }));
const sharedXml = share(load([], { xml: true }));

/**
 * `load` makes a class for each page, and V8 keeps classes for so long that all the page's nodes pass through its garbage collector: 290 µs per
 * page instead of 130. So all pages share one class, and each selection has a reference to its page.
 */
function share(api: CheerioAPI): Shared {
  const shared = api as unknown as Shared;
  shared.fn._make = function (selector, context) {
    const made = shared(selector, context, this._root);
    made.prevObject = this;
    return made;
  };
  return shared;
}

function openDocument(root: Document, shared: Shared): Opened {
  const select: Select = (selector, context, other, options) => shared(selector, context, other ?? root, options);
  return Object.assign(select, shared, { _root: root }) as unknown as Opened;
}

function makeLinksAbsolute(linked: Element[], { url, encoding }: { url: string; encoding: string }): void {
  const base = linked.find(({ name }) => name === "base")?.attribs.href;
  const resolve = linkResolver((base && resolveUrl(encodeLinkQuery(base, encoding), url)) || url, encoding);
  for (const { attribs } of linked) {
    for (const name of URL_ATTRIBUTES) {
      const link = attribs[name];
      if (link !== undefined) attribs[name] = resolve(link);
    }
  }
}

/** Most elements have no attributes. */
function isLinked(attribs: Element["attribs"]): boolean {
  for (const name in attribs) if (URL_ATTRIBUTES.has(name)) return true;
  return false;
}

const ABSOLUTE = /^(?:https?:\/\/(?:[a-z\d-]+\.)*[a-z][a-z\d-]*(?::[1-9]\d{3})?\/[\w-]*(?:\/[\w-]+)*|mailto:.*|javascript:.*)$/;
const PATH = /^\/?[\w-]+(?:\/[\w-]+)*(?:\.\w+)?$/;

/** Most links are absolute already or plain paths, and calling the host costs a microsecond or two. */
function linkResolver(base: string, encoding: string): (link: string) => string {
  const [folder, origin] = /^(https?:\/\/[^/?#]+)\/(?:[^?#]*\/)?/.exec(base) ?? [];
  return (link) => {
    if (ABSOLUTE.test(link)) return link;
    if (folder && PATH.test(link)) return link.startsWith("/") ? origin + link : folder + link;
    return resolveUrl(encodeLinkQuery(link, encoding), base) || link;
  };
}
