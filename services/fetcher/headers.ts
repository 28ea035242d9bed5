import { readUtf8Header } from "../core/net/header-text.ts";
import { type FetchOptions, mergeHeaders } from "../core/protocol/fetch-options.ts";
import type { Validators } from "../core/protocol/task.ts";

/** Node sets these itself, or they would break the connection. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "upgrade",
  "expect",
  "te",
  "trailer",
  "proxy-connection",
]);
const LEFT_OUT = new Set([...HOP_BY_HOP, "cookie"]);
const ACCEPT_ENCODING = "gzip, deflate, br, zstd";
const FORM = "application/x-www-form-urlencoded";

export interface HeaderSources {
  fetch: FetchOptions;
  validators: Validators | undefined;
  userAgent: string;
  url: URL;
}

/**
 * Headers of the first request: defaults, overridden by the URL and the validators, overridden by the task, whose names keep their spelling.
 *
 * Without `cookie`, which is kept in the cookies of the chain; and without the hop-by-hop headers.
 */
export function requestHeaders({ fetch, validators, userAgent, url }: HeaderSources): Record<string, string> {
  const headers: Record<string, string> = { accept: "*/*", "accept-encoding": ACCEPT_ENCODING, "user-agent": userAgent };
  if (fetch.data !== undefined) headers["content-type"] = FORM;
  if (url.username !== "") headers.authorization = basicAuthorization(url);
  const etag = validator(fetch.etag, validators?.etag);
  if (etag !== undefined) headers["if-none-match"] = etag;
  const lastModified = validator(fetch.lastModified, validators?.lastModified);
  if (lastModified !== undefined) headers["if-modified-since"] = lastModified;
  if (fetch.headers === undefined) return headers;
  const own = Object.entries(fetch.headers).filter(([name]) => !LEFT_OUT.has(name.toLowerCase()));
  return mergeHeaders(headers, Object.fromEntries(own));
}

/** The value of a header in any spelling. `name` is in lower case. */
export const headerOf = (headers: Record<string, string> | undefined, name: string): string | undefined =>
  Object.entries(headers ?? {}).find(([written]) => written.toLowerCase() === name)?.[1];

function validator(wanted: boolean | string | undefined, stored: string | undefined): string | undefined {
  if (wanted === false) return undefined;
  return typeof wanted === "string" ? wanted : stored;
}

const basicAuthorization = ({ username, password }: URL) =>
  `Basic ${Buffer.from(`${decodeLoosely(username)}:${decodeLoosely(password)}`).toString("base64")}`;

/** A `%` that begins no escape stays as it is. */
function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** A header's value as received: a list if the header was repeated. */
export type HeaderValue = string | string[] | undefined;

/** A repeated header means the same as one header with the values joined (RFC 9110, section 5.3). */
export const joinValues = (value: HeaderValue): string | undefined => (typeof value === "object" ? value.join(", ") : value);

/** For a header that may occur only once: the first counts, as in browsers. */
export const firstValue = (value: HeaderValue): string | undefined => (typeof value === "object" ? value[0] : value);

/** Repeated headers joined by ", ", as in a page. File names may be UTF-8, as in browsers; other values are bytes, one character each. */
export function joinHeaders(headers: Record<string, HeaderValue>): Record<string, string> {
  const joined: [name: string, value: string][] = [];
  for (const name of Object.keys(headers)) {
    const value = joinValues(headers[name]);
    if (value === undefined) continue;
    joined.push([name, name.toLowerCase() === "content-disposition" ? readUtf8Header(value) : value]);
  }
  return Object.fromEntries(joined);
}
