/**
 * The table of fetch options: one entry an option. Types, checks, merging, both routes and the script API are derived from it, so that all of them
 * accept the same values. A new option is a new entry; only the code that acts on it is elsewhere.
 */
import { isDomain } from "./allowed-domains.ts";
import {
  type Check,
  hasControls,
  isBase64,
  isCount,
  isFlag,
  isHeaderName,
  isHeaderValue,
  isNonNegative,
  isObject,
  isStorable,
} from "./checks.ts";
import {
  type Action,
  isActions,
  isResourceKinds,
  isUrlPattern,
  isWaitFor,
  RESOURCE_KINDS,
  type ResourceKind,
  type WaitFor,
} from "./render-options.ts";

/** Bytes in a task. */
export interface Bytes {
  base64: string;
}

const TLS_VERSIONS = ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

/** TLS of the connections to a host. */
export interface TlsOptions {
  /** Absent: TLSv1.2. */
  minVersion?: (typeof TLS_VERSIONS)[number];
  /** OpenSSL's list, such as `"DEFAULT@SECLEVEL=0"`. Absent: Node's, or for TLSv1 and TLSv1.1 the list of this example, which they need. */
  ciphers?: string;
}

/** Values of one type. */
interface Kind<T> {
  /** For error texts, after "takes" or "write". */
  accepts: string;
  isValid: (value: unknown) => value is T;
}

/** How a script may write a value: in another form than tasks have it. `services/sdk/fetch-spellings.ts` reads them. */
export type Spelling = "duration" | "method" | "texts" | "headers" | "body";

/** One entry of the table. */
export interface FetchOption<T = unknown> extends Kind<T> {
  /** Absent: as in a task. */
  spelling?: Spelling;
  /** A task's value is merged with the project's, name by name; names of headers are equal in any case. Absent: it replaces the project's. */
  merge?: "byName" | "byHeaderName";
  /** The renderer reads it, too; `fallback` is what it takes for an absent value. */
  renderer?: { fallback?: T };
  /** Never repeated in messages. */
  isSecret?: true;
}

const kind = <T>(accepts: string, isValid: Check): Kind<T> => ({ accepts, isValid: isValid as Kind<T>["isValid"] });

/** Chromium without a GPU renders its window in memory: 4 bytes per pixel. */
const MAX_VIEWPORT_PIXELS = 16_384;
/** Far more than a crawl rotates through; the list is part of each task whose call sets it. */
const MAX_PROXIES = 1_000;

/** They are part of each task whose call sets them. */
const MAX_DOMAINS = 1_000;

/** No name may be that of a property that every object has. */
const isHeaderLike: Check = (value) =>
  isObject(value) && Object.entries(value).every(([name, text]) => name !== "__proto__" && isHeaderValue(name) && isHeaderValue(text));
const isBytes: Check = (value) => isObject(value) && Object.keys(value).join() === "base64" && isBase64(value.base64);
/** HTTP, HTTPS or SOCKS 5, with nothing after the port. */
const isProxyUrl: Check = (value) => isStorable(value) && !hasControls(value) && /^(?:https?|socks5):\/\/[^\s/?#]{1,1000}\/?$/.test(value);
const isTlsOptions: Check = (value) =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, one]) =>
      (name === "minVersion" && TLS_VERSIONS.includes(one as never)) ||
      (name === "ciphers" && typeof one === "string" && /^[A-Za-z\d!+\-:@=_.,]{1,1000}$/.test(one)),
  );
const isProxyList: Check = (value) => Array.isArray(value) && value.length > 0 && value.length <= MAX_PROXIES && value.every(isProxyUrl);

/** Header names are equal in any case (RFC 9110, section 5.1): the second spelling of a name that `headers` has twice, or undefined. */
export function repeatedHeader(headers: object): string | undefined {
  const seen = new Set<string>();
  return Object.keys(headers).find((name) => seen.size === seen.add(name.toLowerCase()).size);
}

/** Names keep their spelling, as some servers read them by it. A stronger header replaces a weaker one in any spelling. */
export function mergeHeaders<T>(weak: Readonly<Record<string, T>>, strong: Readonly<Record<string, T>>): Record<string, T> {
  const names = new Set(Object.keys(strong).map((name) => name.toLowerCase()));
  return { ...Object.fromEntries(Object.entries(weak).filter(([name]) => !names.has(name.toLowerCase()))), ...strong };
}

const oneOf = <const T extends string>(...values: T[]) =>
  kind<T>(values.map((value) => JSON.stringify(value)).join(" or "), (value) => values.includes(value as T));
const flag = kind<boolean>("true or false", isFlag);
const count = kind<number>("a whole number from 0", isCount);
const seconds = kind<number>("seconds from 0", isNonNegative);
const text = kind<string>("a text without NUL", isStorable);
const flagOrText = kind<boolean | string>("true, false or a text without line breaks", (value) => isFlag(value) || isHeaderValue(value));
const pixels = kind<number>(
  `a whole number from 1 to ${MAX_VIEWPORT_PIXELS}`,
  (value) => isCount(value) && value !== 0 && (value as number) <= MAX_VIEWPORT_PIXELS,
);
const cookies = kind<Record<string, string>>("an object of texts without line breaks", isHeaderLike);
const headers = kind<Record<string, string>>(
  "an object of texts without line breaks, with names such as accept-language, each in one spelling",
  (value) => isHeaderLike(value) && Object.keys(value as object).every(isHeaderName) && repeatedHeader(value as object) === undefined,
);
const method = kind<string>("a method such as GET", (value) => typeof value === "string" && /^[A-Za-z]{1,32}$/.test(value));
const body = kind<string | Bytes>('a text, or bytes as { "base64" }', (value) => isStorable(value) || isBytes(value));
const proxy = kind<string | string[] | false>(
  '"http://…", "https://…" or "socks5://[user:password@]host[:port]", a list of these, or false',
  (value) => value === false || isProxyUrl(value) || isProxyList(value),
);

const tls = kind<TlsOptions>(
  `{ minVersion: ${TLS_VERSIONS.map((name) => `"${name}"`).join(" or ")}, ciphers: "a list for OpenSSL" }, or one of them`,
  isTlsOptions,
);
const waitFor = kind<WaitFor>(
  '"networkidle", a CSS selector, { text }, { request } with a part of a URL, or whole milliseconds up to 600000',
  isWaitFor,
);
const actions = kind<Action[]>(
  'a list of { click: selector }, { type: selector, text }, { select: selector, value }, { scroll: "end" } or { waitFor }, at most 100',
  isActions,
);
const resourceKinds = kind<ResourceKind[]>(`a list of ${RESOURCE_KINDS.map((name) => `"${name}"`).join(", ")}`, isResourceKinds);
const urlPattern = kind<string>("a part of a URL, with * for any characters", isUrlPattern);
const domains = kind<string[] | false>(
  'a list of host names in lower case, such as ["example.com"], or false',
  (value) => value === false || (Array.isArray(value) && value.length > 0 && value.length <= MAX_DOMAINS && value.every(isDomain)),
);

/** Sizes are in bytes; durations in seconds, which scripts may also write as text ("10d"). */
export const FETCH_OPTIONS = {
  /** Default GET, or POST when there is `data`. */
  method: { ...method, spelling: "method", renderer: {} },
  headers: { ...headers, spelling: "headers", merge: "byHeaderName", renderer: { fallback: {} } },
  /** Request body: text, bytes, or in a script also fields that are sent as a form. */
  data: { ...body, spelling: "body", renderer: {} },
  cookies: { ...cookies, spelling: "texts", merge: "byName", renderer: { fallback: {} } },
  connectTimeout: { ...seconds, spelling: "duration" },
  /** For the whole redirect chain and the body. */
  timeout: { ...seconds, spelling: "duration" },
  allowRedirects: flag,
  maxRedirects: count,
  /** False: a page with `<meta http-equiv=refresh>` is the page. Default true: where it leads within 100 s is. */
  metaRefresh: flag,
  validateCert: { ...flag, renderer: { fallback: true } },
  /** What old servers need of TLS. Not for rendered pages: Chromium has its own. */
  tls,
  /** True: of a body that ends early, what came is the page, with a warning. Default false: the page fails. */
  partial: { ...flag, renderer: { fallback: false } },
  /** True (default): validate with the stored ETag. A text is sent as it is. */
  etag: flagOrText,
  lastModified: flagOrText,
  /** The largest accepted body, after decompression; of a rendered page also the largest screenshot. */
  maxBodyBytes: { ...count, renderer: {} },
  /**
   * "http://user:password@host:port", "https://…" (TLS to the proxy) or "socks5://…". From a list, each task gets one, and each retry the next.
   * False: no proxy, whatever `crawlConfig` sets.
   */
  proxy: { ...proxy, isSecret: true, renderer: {} },
  /** Hosts of which pages are fetched, each with its subdomains. Redirects elsewhere fail. False: all, whatever `crawlConfig` sets. */
  allowedDomains: domains,
  /** False: also fetch pages that the site's robots.txt disallows. Default true. */
  robotsTxt: flag,
  /** "js": render the page in a browser. "http": do not, whatever `crawlConfig` sets. */
  fetchType: oneOf("js", "http"),
  /** Source of a function to run in the page; its value, or what its promise resolves to, is `response.jsScriptResult`. */
  jsScript: { ...text, renderer: {} },
  /** `document-start`: before any script of the page. `document-end`, the default: once the page has loaded. */
  jsRunAt: { ...oneOf("document-start", "document-end"), renderer: { fallback: "document-end" } },
  /** Pixels, from 1 to 16,384, as the height. */
  jsViewportWidth: { ...pixels, renderer: { fallback: 1_024 } },
  jsViewportHeight: { ...pixels, renderer: { fallback: 2_304 } },
  loadImages: { ...flag, renderer: { fallback: false } },
  /** With `fetchType` "js": a screenshot of the window when the page was ready, as `response.screenshot`. */
  screenshot: { ...flag, renderer: { fallback: false } },
  /** With `fetchType` "js": what the page has to have before it is read. Absent: its `load` event, and quiet; see docs/scripts.md. */
  waitFor: { ...waitFor, renderer: {} },
  /** With `fetchType` "js": whether the contents of frames and of open shadow trees are part of the page's document. Default false. */
  flatten: { ...flag, renderer: { fallback: false } },
  /** With `fetchType` "js": steps in the loaded page, in order, each after the page is quiet. */
  actions: { ...actions, renderer: {} },
  /** With `fetchType` "js": what the page's own requests may not load. */
  blockResources: { ...resourceKinds, renderer: {} },
  /** With `fetchType` "js": the answers to the page's XHR and fetch requests with such URLs become `response.requests`. */
  captureRequests: { ...urlPattern, renderer: {} },
} as const satisfies Record<string, FetchOption>;

type Table = typeof FETCH_OPTIONS;
type ValueOf<Option> = Option extends Kind<infer T> ? T : never;
/** The name of any fetch option. */
export type FetchOptionName = keyof Table;

/** Options of the fetch, as tasks have them. */
export type FetchOptions = { -readonly [Name in keyof Table]?: ValueOf<Table[Name]> };

/** Options of the fetch, as scripts may write them; `Spellings` has the types of the spellings. */
export type SpelledOptions<Spellings extends Record<Spelling, unknown>> = {
  -readonly [Name in keyof Table]?: Table[Name] extends { spelling: infer Written extends Spelling }
    ? Spellings[Written]
    : ReadonlyLists<ValueOf<Table[Name]>>;
};
type ReadonlyLists<T> = T extends (infer One)[] ? readonly One[] : T;

type RenderedOptions = {
  -readonly [Name in keyof Table as Table[Name] extends { renderer: object } ? Name : never]?: ValueOf<Table[Name]>;
};
/** Options that the renderer reads, with its defaults. */
export type RenderedOptionsWithDefaults = RenderedOptions & {
  -readonly [Name in keyof Table as Table[Name] extends { renderer: { fallback: unknown } } ? Name : never]: ValueOf<Table[Name]>;
};

/** The table's entries, each as any option. */
export const FETCH_OPTION_ENTRIES = Object.entries(FETCH_OPTIONS) as [FetchOptionName, FetchOption][];

type MergedByName = { [Name in keyof Table]: Table[Name] extends { merge: string } ? Name : never }[keyof Table];
const MERGED_BY_NAME = FETCH_OPTION_ENTRIES.filter(([, { merge }]) => merge !== undefined) as [MergedByName, FetchOption][];

/** The stronger one takes precedence; options such as headers are merged name by name. */
export function mergeFetchOptions(weak: FetchOptions, strong: FetchOptions): FetchOptions {
  const merged: FetchOptions = { ...weak, ...strong };
  for (const [name, { merge }] of MERGED_BY_NAME) {
    const [one, other] = [weak[name], strong[name]];
    if (one && other) merged[name] = merge === "byHeaderName" ? mergeHeaders(one, other) : { ...one, ...other };
  }
  return merged;
}
