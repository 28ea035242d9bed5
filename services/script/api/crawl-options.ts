import { isMoment, isViewport, toStorable } from "../../core/checks.ts";
import type { ScriptInfo } from "../../core/messages.ts";
import { type FetchOptions, MAX_VIEWPORT_PIXELS, type Schedule } from "../../core/task.ts";
import { type Duration, parseDuration } from "./duration.ts";
import { encodeMultipart, readFiles } from "./multipart.ts";
import { RUN_LIMITS } from "./run-limits.ts";

/** What `@config` and `crawlConfig` may hold: defaults for `crawl()`. Durations in seconds or as text ("10d"). */
export interface CrawlConfig {
  /** Higher runs first. Default 0. */
  priority?: number;
  /** Re-tries after the first failure. Default 3. */
  retries?: number;
  /** Not before this moment: unix seconds, or a Date. */
  exetime?: number | Date;
  /** How long a crawled page stays fresh; -1 (default): for ever. */
  age?: Duration;
  /** Crawl again when this differs from the last one. */
  itag?: string;
  forceUpdate?: boolean;
  /** With `age`: crawl again whenever the page has gone stale. */
  autoRecrawl?: boolean;
  cancel?: boolean;
  /** Default GET, or POST when there is `data`. */
  method?: string;
  headers?: Record<string, string>;
  userAgent?: string;
  cookies?: Record<string, string>;
  /** Request body: text, bytes, or fields that are sent as a form. */
  data?: string | Uint8Array | Record<string, string | number | boolean>;
  connectTimeout?: Duration;
  /** For the whole redirect chain and the body. */
  timeout?: Duration;
  allowRedirects?: boolean;
  maxRedirects?: number;
  validateCert?: boolean;
  /** True (default): validate with the stored ETag. A text is sent as it is. */
  etag?: boolean | string;
  lastModified?: boolean | string;
  /** The largest body accepted, after decompression. */
  maxBodyBytes?: number;
  /**
   * "http://user:password@host:port", "https://…" (TLS to the proxy) or "socks5://…". Of several, each task gets one, and at each new try the next.
   * False: none, whatever `crawlConfig` says.
   */
  proxy?: string | readonly string[] | false;
  /** False: fetch what the site's robots.txt asks crawlers to leave alone, too. Default true. */
  robotsTxt?: boolean;
  /** "js": render the page in a browser. "http": do not, whatever `crawlConfig` says. */
  fetchType?: "js" | "http";
  /** Source of a function to run in the page; its value is `response.jsScriptResult`. */
  jsScript?: string;
  jsRunAt?: "document-start" | "document-end";
  /** Pixels, from 1 to 16,384, as the height. */
  jsViewportWidth?: number;
  jsViewportHeight?: number;
  loadImages?: boolean;
  /** With `fetchType` "js": a picture of the window when the page was ready, as `response.screenshot`. */
  screenshot?: boolean;
  /** How long the callback may take. */
  processTimeLimit?: Duration;
}

/** What `crawlConfig` may hold beside. */
export interface ProjectConfig extends CrawlConfig {
  /** At least so long between two pages of one host, whatever number of fetchers there is. Up to a day; default: none. */
  hostDelay?: Duration;
  /** At most so many pages of one host under way. Default: no limit. */
  hostConcurrency?: number;
}

/** The second argument of `crawl()`. */
export interface CrawlOptions extends CrawlConfig {
  // biome-ignore lint/suspicious/noExplicitAny: a callback declares the arguments it wants.
  callback?: ((...args: any[]) => unknown) | string;
  /** Appended to the URL's query. */
  params?: Record<string, string | number | boolean>;
  /** Files to send: text or bytes by field, or `{ field: { "name.txt": text } }`. The fields of `data` go along; POST unless told otherwise. */
  files?: Record<string, string | Uint8Array | Record<string, string | Uint8Array>>;
  /** Any JSON value: the callback's `response.save`. */
  save?: unknown;
  /** Default: MD5 of the URL, and of method and body when there is one. */
  taskid?: string;
}

/** Options in the form in which tasks carry them. */
export interface SortedOptions {
  schedule: Schedule;
  fetch: FetchOptions;
  processTimeLimit?: number;
  hosts: Pick<ScriptInfo, "hostDelaySeconds" | "hostConcurrency">;
  /** Only what concerns one call. */
  call: Pick<CrawlOptions, "callback" | "params" | "save" | "taskid">;
}

type Check = [accepts: string, read: (value: unknown) => unknown];

const is = (type: string) => (value: unknown) => (typeof value === type ? value : undefined);
const readMoment = (value: unknown) => (isMoment(value) ? value : undefined);
const readCount = (value: unknown) => (Number.isSafeInteger(value) && (value as number) >= 0 ? value : undefined);
const readInteger = (value: unknown) => (Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? value : undefined);

function readTexts(value: unknown): Record<string, string> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) return undefined;
  return Object.fromEntries(Object.entries(value).map((pair) => pair.map(toStorable)));
}

/** Far more than any crawl rotates through; a list travels with each task whose call has it. */
const MAX_PROXIES = 1_000;

function readProxy(value: unknown): string | string[] | false | undefined {
  if (value === false) return false;
  if (!Array.isArray(value)) return isProxy(value) ? value : undefined;
  return value.length > 0 && value.length <= MAX_PROXIES && value.every(isProxy) ? [...value] : undefined;
}

const isProxy = (value: unknown): value is string =>
  typeof value === "string" && readText(value) !== undefined && /^(?:https?|socks5):\/\/[^\s/?#]{1,1000}\/?$/.test(value);

const readText = (value: unknown) => (typeof value === "string" && value.isWellFormed() && !value.includes("\0") ? value : undefined);
const readBytes = (value: unknown) => (value instanceof Uint8Array ? { base64: value.toBase64() } : undefined);
const text: Check = ["a text without NUL", readText];
const flag: Check = ["true or false", is("boolean")];
const count: Check = ["a whole number from 0", readCount];
const pixels: Check = [`a whole number from 1 to ${MAX_VIEWPORT_PIXELS}`, (value) => (isViewport(value) ? value : undefined)];
/** Names of headers and cookies; none is called as what every object has. */
const texts: Check = ["an object of texts", (value) => (Object.hasOwn(Object(value), "__proto__") ? undefined : readTexts(value))];
/** In lower case, so that a stronger header replaces a weaker one however they are written. */
const headers: Check = [
  texts[0],
  (value) => {
    const read = texts[1](value);
    return read && Object.fromEntries(Object.entries(read).map(([name, text]) => [name.toLowerCase(), text]));
  },
];
const duration: Check = ['seconds from 0, or a text like "30s", "5m", "12h", "10d"', parseDuration];
const flagOrText: Check = ["true, false or a text", (value) => is("boolean")(value) ?? readText(value)];
const oneOf = (...values: string[]): Check => [
  values.map((value) => JSON.stringify(value)).join(" or "),
  (value) => values.find((one) => one === value),
];

const SCHEDULE: { [K in keyof Required<Schedule>]: Check } = {
  priority: ["a whole number of 32 bits", readInteger],
  retries: ["a whole number from 0", (value) => (readCount(value) === undefined ? undefined : readInteger(value))],
  exetime: ["unix seconds or a Date", (value) => readMoment(value instanceof Date ? value.getTime() / 1_000 : value)],
  age: [`-1, ${duration[0]}`, (value) => (value === -1 ? -1 : parseDuration(value))],
  itag: [
    `${text[0]}, of at most ${RUN_LIMITS.itagLength} characters`,
    (value) => ((readText(value)?.length ?? Infinity) <= RUN_LIMITS.itagLength ? value : undefined),
  ],
  forceUpdate: flag,
  autoRecrawl: flag,
  cancel: flag,
};

const FETCH: { [K in keyof Required<FetchOptions>]: Check } = {
  method: ["a method like GET", (value) => (typeof value === "string" && /^[A-Za-z]{1,32}$/.test(value) ? value.toUpperCase() : undefined)],
  headers,
  data: ["a text, bytes, or an object of form fields", (value) => readText(value) ?? readBytes(value) ?? encodeForm(value)],
  cookies: texts,
  connectTimeout: duration,
  timeout: duration,
  allowRedirects: flag,
  maxRedirects: count,
  validateCert: flag,
  etag: flagOrText,
  lastModified: flagOrText,
  maxBodyBytes: count,
  proxy: ['"http://…", "https://…" or "socks5://[user:password@]host[:port]", a list of these, or false', readProxy],
  robotsTxt: flag,
  fetchType: oneOf("js", "http"),
  jsScript: text,
  jsRunAt: oneOf("document-start", "document-end"),
  jsViewportWidth: pixels,
  jsViewportHeight: pixels,
  loadImages: flag,
  screenshot: flag,
};

const readTaskid = (value: unknown) => (/^[^_].{0,254}$/s.test(String(value)) ? readText(value) : undefined);

/** An id that the script made. @throws TypeError unless it is one. */
export function checkTaskid(value: unknown): string {
  const taskid = readTaskid(value);
  if (taskid === undefined) throw new TypeError(`getTaskid() returns ${TASKID}, not ${describe(value)}`);
  return taskid as string;
}

const TASKID = "a text of 1 to 255 characters that does not begin with _";

const CALL: Record<"callback" | "params" | "files" | "save" | "taskid" | "userAgent" | "processTimeLimit", Check> = {
  callback: ["a method of the class, or its name", (value) => is("function")(value) ?? is("string")(value)],
  params: ["an object of texts", encodeForm],
  files: ['an object like { field: text } or { field: { "name.txt": text } }, with texts or bytes', readFiles],
  save: ["a JSON value", (value) => value],
  taskid: [TASKID, readTaskid],
  userAgent: text,
  processTimeLimit: duration,
};

const HOSTS: Record<"hostDelay" | "hostConcurrency", Check> = {
  hostDelay: [
    `${duration[0]}, a day at most`,
    (value) => ((parseDuration(value) ?? Infinity) <= RUN_LIMITS.hostDelaySeconds ? parseDuration(value) : undefined),
  ],
  hostConcurrency: ["a whole number from 1", (value) => (value === 0 ? undefined : readCount(value))],
};

const KNOWN: Record<string, Check> = { ...SCHEDULE, ...FETCH, ...CALL, ...HOSTS };
const PER_CALL = new Set(["callback", "params", "files", "save", "taskid"]);

/** `{ a: "1 2" }` -> `"a=1+2"`, as forms send it. */
export function encodeForm(fields: unknown): string | undefined {
  const entries = readTexts(fields);
  return (
    entries &&
    Object.entries(entries)
      .map((pair) => pair.map(encodeFormText).join("="))
      .join("&")
  );
}

const encodeFormText = (value: string) => encodeURIComponent(value.toWellFormed()).replaceAll("%20", "+").replaceAll("'", "%27");

/**
 * Checks options and sorts them into what schedules, fetches and processes.
 *
 * @param where names the place in messages: `crawl()`, `@config`, `crawlConfig`.
 * @throws TypeError that names all unknown options and all values of the wrong kind.
 */
export function sortOptions(options: object, where: string): SortedOptions {
  const sorted: SortedOptions = { schedule: {}, fetch: {}, hosts: {}, call: {} };
  const problems: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const problem = isKnown(name, where) ? place(sorted, name, value) : `has no option ${name}`;
    if (problem) problems.push(problem);
  }
  if ("files" in options && options.files !== undefined) problems.push(...addFiles(sorted, options));
  if (problems.length > 0) throw new TypeError(`${where} ${problems.join("; ")}`);
  return sorted;
}

const isKnown = (name: string, where: string) =>
  Object.hasOwn(KNOWN, name) && (where === "crawl()" || !PER_CALL.has(name)) && (where === "crawlConfig" || !(name in HOSTS));

function place(sorted: SortedOptions, name: string, value: unknown): string | undefined {
  const [accepts, read] = KNOWN[name] as Check;
  const ready = read(value);
  // A proxy's URL has a password in it, and messages are kept.
  if (ready === undefined) return `takes as ${name} ${accepts}${name === "proxy" ? "" : `, not ${describe(value)}`}`;
  if (name in SCHEDULE) Object.assign(sorted.schedule, { [name]: ready });
  else if (name === "headers") sorted.fetch.headers = { ...sorted.fetch.headers, ...(ready as Record<string, string>) };
  else if (name in FETCH) Object.assign(sorted.fetch, { [name]: ready });
  else if (name === "hostDelay") sorted.hosts.hostDelaySeconds = ready as number;
  else if (name === "hostConcurrency") sorted.hosts.hostConcurrency = ready as number;
  else if (name === "processTimeLimit") sorted.processTimeLimit = ready as number;
  else if (name === "files") return undefined;
  else if (name === "userAgent") sorted.fetch.headers = { "user-agent": ready as string, ...sorted.fetch.headers };
  else Object.assign(sorted.call, { [name]: ready });
  return undefined;
}

/** Makes files and fields one body. */
function addFiles({ fetch }: SortedOptions, { data = {}, files }: { data?: unknown; files?: unknown }): string[] {
  const [fields, parts] = [readTexts(data), readFiles(files)];
  if (!fields) return ["takes as data, beside files, an object of form fields"];
  if (!parts) return [];
  const { body, contentType } = encodeMultipart(fields, parts);
  fetch.data = body;
  fetch.headers = { ...fetch.headers, "content-type": contentType };
  return [];
}

function describe(value: unknown): string {
  try {
    return (typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value))).slice(0, 100);
  } catch {
    return typeof value;
  }
}
