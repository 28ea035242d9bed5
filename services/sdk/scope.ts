/** Which links of pages become tasks, and which URLs are one page. */
import type { SkipReason } from "../core/protocol/skipped.ts";

/** A text in which `*` stands for any characters, compared with the whole URL; or an expression that is searched in it. */
export type UrlPattern = string | RegExp;

/** Options of `crawlConfig` for the links of pages. What `onStart` and the like ask for is not checked against them. */
export interface ScopeOptions {
  /** Links that match none of these are skipped. */
  include?: UrlPattern | readonly UrlPattern[];
  /** Links that match one of these are skipped. */
  exclude?: UrlPattern | readonly UrlPattern[];
  /** How many links may lead from what `onStart` asks for to a page. 0: none. */
  maxDepth?: number;
  /** Names of parameters that are removed from the query of URLs; `utm_*` is every name that begins so. */
  dropParams?: readonly string[];
  /** True: URLs whose parameters are in another order are one page. Default false. */
  ignoreParamOrder?: boolean;
  /** True: `/a` and `/a/` are one page. Default false. */
  ignoreTrailingSlash?: boolean;
  /** True: `www.a.test` and `a.test` are one site. Default false. */
  ignoreWww?: boolean;
}

/** `ScopeOptions` after their check: lists are lists. */
export interface Scope extends ScopeOptions {
  include?: readonly UrlPattern[];
  exclude?: readonly UrlPattern[];
}

/** Patterns or names in one list are checked against every link. */
const MAX_LIST = 1_000;

const isPattern = (value: unknown) => value instanceof RegExp || (typeof value === "string" && value !== "");

/** One pattern or a list of them; undefined for anything else. */
export function readPatterns(value: unknown): UrlPattern[] | undefined {
  const list = Array.isArray(value) ? [...value] : [value];
  return list.length > 0 && list.length <= MAX_LIST && list.every(isPattern) ? list : undefined;
}

export function readNames(value: unknown): string[] | undefined {
  return Array.isArray(value) && value.length <= MAX_LIST && value.every((name) => typeof name === "string" && name !== "")
    ? [...value]
    : undefined;
}

/** Why a link is skipped; undefined if it is in the scope. @param depth how many links lead to it. */
export function outOfScope(url: string, depth: number, { include, exclude, maxDepth }: Scope): SkipReason | undefined {
  if (maxDepth !== undefined && depth > maxDepth) return "maxDepth";
  if (include && !include.some((pattern) => matches(url, pattern))) return "include";
  if (exclude?.some((pattern) => matches(url, pattern))) return "exclude";
  return undefined;
}

/** Expressions of a script run within the time of its callback; a text takes at most the product of both lengths. */
function matches(url: string, pattern: UrlPattern): boolean {
  // A global expression would continue after its last match.
  if (typeof pattern !== "string") return url.search(pattern) >= 0;
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return url === first;
  if (!url.startsWith(first)) return false;
  let at = first.length;
  for (const part of others) {
    const found = url.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return url.length - last.length >= at && url.endsWith(last);
}

/** `"http://a.test/?a=1&utm_source=x"`, `["utm_*"]` -> `"http://a.test/?a=1"` */
export function withoutParams(url: string, { dropParams }: Scope): string {
  if (!dropParams || !url.includes("?")) return url;
  return mapParams(url, (params) => params.filter((param) => !dropParams.some((name) => hasName(param, name))));
}

const nameOf = (param: string) => param.split("=", 1)[0] as string;
const hasName = (param: string, name: string) =>
  name.endsWith("*") ? nameOf(param).startsWith(name.slice(0, -1)) : nameOf(param) === name;

/** The URL that all URLs of one page have in common; it is not requested. */
export function identityOf(url: string, { ignoreParamOrder, ignoreTrailingSlash, ignoreWww }: Scope): string {
  let identity = url;
  if (ignoreParamOrder)
    identity = mapParams(identity, (params) => params.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : Number(nameOf(a) > nameOf(b)))));
  if (ignoreTrailingSlash) identity = identity.replace(/^(https?:\/\/[^/?#]+\/[^?#]*)\/(?=[?#]|$)/, "$1");
  if (ignoreWww) identity = identity.replace(/^(https?:\/\/(?:[^/?#@]*@)?)www\./, "$1");
  return identity;
}

function mapParams(url: string, change: (params: string[]) => string[]): string {
  const [, start = "", query, fragment = ""] = /^([^?#]*)\?([^#]*)(.*)$/s.exec(url) ?? [];
  if (query === undefined) return url;
  const params = change(query.split("&").filter((param) => param !== "")).join("&");
  return `${start}${params === "" ? "" : `?${params}`}${fragment}`;
}
