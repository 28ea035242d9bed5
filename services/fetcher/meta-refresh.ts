/** `<meta http-equiv=refresh>`, and the header `Refresh` that it stands for: how sites without control of their server redirect. */
import { Parser } from "htmlparser2";
import type { Page } from "../core/protocol/messages.ts";
import { escapeBytes } from "./redirect.ts";

/** Four times as much as Scrapy reads; the element is in the head. */
const READ_BYTES = 16_384;
/** Scrapy's METAREFRESH_MAXDELAY: a page that refreshes more slowly is there to be read. */
const MAX_DELAY_SECONDS = 100;
/** The contents of these are no elements of the page that a browser with scripts shows. */
const SKIPPED = new Set(["noscript", "script", "style", "template", "textarea", "title"]);

/**
 * Where a page of HTML with status 2xx leads within 100 s; undefined if it stays, or leads to something other than http and https.
 *
 * @param url of the page.
 */
export function refreshTarget(
  { statusCode, headers, content }: Pick<Page, "statusCode" | "headers" | "content">,
  url: URL,
): URL | undefined {
  if (statusCode < 200 || statusCode >= 300) return undefined;
  const ordered = headers.refresh === undefined ? undefined : parseRefresh(headers.refresh);
  if (ordered) return resolve(ordered, url);
  if (!/^\s*(?:$|text\/html|application\/xhtml\+xml)/i.test(headers["content-type"] ?? "")) return undefined;
  const text = Buffer.from(content.buffer, content.byteOffset, Math.min(content.byteLength, READ_BYTES)).toString("latin1");
  if (!/http-equiv\s*=[\s"']*refresh/i.test(text)) return undefined;
  const { refresh, base } = readHead(text);
  return refresh === undefined ? undefined : resolve(refresh, base ? (resolve(base, url) ?? url) : url);
}

/** The first refresh and the first base of a page. */
function readHead(text: string): { refresh?: string | undefined; base?: string | undefined } {
  const found: { refresh?: string | undefined; base?: string | undefined } = {};
  let skipped: string | undefined;
  const parser = new Parser({
    onopentag(name, { href, content, "http-equiv": equivalent }) {
      if (skipped !== undefined) return;
      if (SKIPPED.has(name)) skipped = name;
      else if (name === "base") found.base ??= href;
      else if (name === "meta" && equivalent?.trim().toLowerCase() === "refresh") found.refresh ??= parseRefresh(content ?? "");
    },
    onclosetag(name) {
      if (name === skipped) skipped = undefined;
    },
  });
  parser.end(text);
  return found;
}

/**
 * `"0; url='/a'"` -> `"/a"`; undefined without a URL, after a longer delay, and for anything else (HTML standard, "shared declarative refresh steps").
 * Piece by piece: one pattern for the whole would take very long for many spaces.
 */
export function parseRefresh(said: string): string | undefined {
  const [, seconds, rest = ""] = /^\s*(\d*)(.*)$/s.exec(said) ?? [];
  const [, fraction = ""] = /^(\.[\d.]*)/.exec(rest) ?? [];
  if (!seconds && fraction === "") return undefined;
  if (Number(seconds) >= MAX_DELAY_SECONDS) return undefined;
  const after = rest.slice(fraction.length);
  if (!/^[\s;,]/.test(after)) return undefined;
  const target = after.trimStart().replace(/^[;,]/, "").trimStart();
  const named = /^url\s*=(.*)$/is.exec(target)?.[1]?.trimStart() ?? target;
  const quote = /^['"]/.exec(named)?.[0];
  const url = (quote === undefined ? named : (named.slice(1).split(quote, 1)[0] as string)).trim();
  return url === "" ? undefined : url;
}

/** Raw bytes are one character each here, as in a header. */
function resolve(link: string, base: URL): URL | undefined {
  const escaped = escapeBytes(link);
  const url = URL.canParse(escaped, base) ? new URL(escaped, base) : undefined;
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}
