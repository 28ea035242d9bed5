import { UnsupportedUrlError } from "./errors.ts";

/** One request of a redirect chain. */
export interface Hop {
  url: URL;
  method: string;
  headers: Record<string, string>;
  body: string | Buffer | undefined;
}

/** Valid for one origin only (RFC 9110, section 15.4): another must not receive them. */
const CREDENTIALS = ["authorization", "proxy-authorization", "host"];
/** They describe a body and are removed with it. */
const BODY_HEADERS = ["content-type", "content-encoding", "content-language", "content-location"];

/**
 * The request that follows a redirect, as in browsers (Fetch standard, "HTTP-redirect fetch"): 303, and 301 or 302 after a POST, become a GET
 * without body; 307 and 308 repeat method and body.
 *
 * @throws UnsupportedUrlError if `location` leads to something other than http and https.
 */
export function nextHop(hop: Hop, statusCode: number, location: string): Hop {
  const url = resolveLocation(location, hop.url);
  const turnsIntoGet = statusCode === 303 ? hop.method !== "HEAD" : statusCode <= 302 && hop.method === "POST";
  const dropped = [...(url.origin === hop.url.origin ? [] : CREDENTIALS), ...(turnsIntoGet ? BODY_HEADERS : [])];
  const headers = Object.fromEntries(Object.entries(hop.headers).filter(([name]) => !dropped.includes(name.toLowerCase())));
  return turnsIntoGet ? { url, method: "GET", headers, body: undefined } : { ...hop, url, headers };
}

function resolveLocation(header: string, base: URL): URL {
  const location = escapeBytes(header);
  if (!URL.canParse(location, base)) throw new UnsupportedUrlError(location, `${base.href} redirects to it, and it is not a URL`);
  const url = new URL(location, base);
  if (url.hash === "") url.hash = base.hash;
  return requireHttp(url);
}

/** A header's bytes arrive as one character each. Servers mean UTF-8; invalid bytes stay as they are. */
export const escapeBytes = (header: string) =>
  header.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);

/** @throws UnsupportedUrlError unless `url` is http or https. */
export function requireHttp(url: URL): URL {
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new UnsupportedUrlError(url.href, `${url.protocol} is not fetched`);
  return url;
}
