import { type CheerioAPI, load } from "cheerio/slim";
import type { AnyNode, Element } from "domhandler";
import { resolveUrl } from "./host.ts";

/** The attributes that hold one URL (HTML standard, "attributes" index). */
const URL_ATTRIBUTES = ["href", "src", "action", "formaction", "poster", "cite"] as const;

/** cheerio on htmlparser2, as XML when the page is; links are absolute. */
export function loadDocument(text: string, url: string, contentType: string): CheerioAPI {
  const isXml = /\bxml\b/i.test(contentType) && !/xhtml/i.test(contentType);
  const document = load(text, { xml: { xmlMode: isXml || /^\s*<\?xml(?![^]{0,300}<html)/i.test(text), decodeEntities: true } });
  const base = document("base[href]").first().attr("href");
  makeLinksAbsolute(document.root()[0]?.children ?? [], (base && resolveUrl(base, url)) || url);
  return document;
}

function makeLinksAbsolute(roots: AnyNode[], base: string): void {
  const resolve = linkResolver(base);
  const pending = [...roots];
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (!("children" in node)) continue;
    if ("attribs" in node) resolveAttributes(node, resolve);
    for (const child of node.children) pending.push(child);
  }
}

function resolveAttributes({ attribs }: Element, resolve: (link: string) => string): void {
  for (const name of URL_ATTRIBUTES) {
    const link = attribs[name];
    if (link !== undefined) attribs[name] = resolve(link);
  }
}

/** Asking the host costs a microsecond or two, and most links are plain paths or absolute already. */
function linkResolver(base: string): (link: string) => string {
  const origin = /^https?:\/\/[^/]+/.exec(base)?.[0];
  return (link) => {
    if (origin && /^\/(?:[\w-]+\/)*[\w-]*(?:\.\w+)?$/.test(link)) return origin + link;
    if (/^(?:https?:\/\/[a-z\d.-]+(?::\d+)?\/[\w-]*(?:\/[\w-]+)*|mailto:.*|javascript:.*)$/.test(link)) return link;
    return resolveUrl(link, base) || link;
  };
}
