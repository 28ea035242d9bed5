import { Parser } from "htmlparser2";
import { resolveUrl } from "./host.ts";

/** The limits of a sitemap (sitemaps.org, "Sitemap file"); further entries are ignored. */
const MAX_ENTRIES = 50_000;

/** A page, or a further sitemap. */
export interface SitemapEntry {
  /** Absolute. */
  url: string;
  /** As in the sitemap: usable as an `itag` to detect changes of the page. */
  lastmod?: string;
}

/** The links of a sitemap; an index has only `sitemaps`, a sitemap only `urls`. */
export interface Sitemap {
  urls: SitemapEntry[];
  sitemaps: SitemapEntry[];
}

/**
 * Parses a `<urlset>`, a `<sitemapindex>`, or the `Sitemap:` lines of a robots.txt.
 *
 * @param url of the text, for relative links. Entries that are not http or https URLs are left out.
 * @returns undefined for anything else.
 */
export function readSitemap(text: string, url: string): Sitemap | undefined {
  if (/^\s*</.test(text)) return readXml(text, url);
  const lines = [...text.matchAll(/^[ \t]*sitemap[ \t]*:[ \t]*(\S+)/gim)].slice(0, MAX_ENTRIES);
  const sitemaps = lines.flatMap(([, address]) => entryOf({ loc: address }, url));
  return lines.length > 0 ? { urls: [], sitemaps } : undefined;
}

const ROOTS = ["urlset", "sitemapindex"];
const ENTRIES: Record<string, "urls" | "sitemaps" | undefined> = { url: "urls", sitemap: "sitemaps" };
const ENTRY_DEPTH = 2;
const FIELD_DEPTH = 3;

function readXml(text: string, url: string): Sitemap | undefined {
  const sitemap: Sitemap = { urls: [], sitemaps: [] };
  /** Names without prefix, from the root down. */
  const open: string[] = [];
  let fields: Record<string, string> = {};
  let count = 0;
  const parser = new Parser(
    {
      onopentagname(name) {
        open.push(name.slice(name.indexOf(":") + 1));
        if (open.length === ENTRY_DEPTH) fields = {};
      },
      ontext(part) {
        const field = open.length === FIELD_DEPTH ? open.at(-1) : undefined;
        if (field === "loc" || field === "lastmod") fields[field] = (fields[field] ?? "") + part;
      },
      onclosetag(_name, isImplied) {
        // An entry that is cut off at the end of the text is incomplete.
        const list =
          !isImplied && open.length === ENTRY_DEPTH && ROOTS.includes(open[0] as string) ? ENTRIES[open[1] as string] : undefined;
        if (list && count++ < MAX_ENTRIES) sitemap[list].push(...entryOf(fields, url));
        open.pop();
      },
    },
    { xmlMode: true },
  );
  const [, root] = /<(?:[\w-]+:)?(urlset|sitemapindex)[\s>]/.exec(text.slice(0, 10_000)) ?? [];
  if (root === undefined) return undefined;
  parser.end(text);
  return sitemap;
}

function entryOf({ loc, lastmod }: { loc?: string | undefined; lastmod?: string }, base: string): SitemapEntry[] {
  const url = resolveUrl(loc?.trim() ?? "", base);
  if (!loc?.trim() || !/^https?:/.test(url)) return [];
  const changed = lastmod?.trim();
  return [changed ? { url, lastmod: changed } : { url }];
}
