import { isCount, isFlag, isHeaderValue, isMoment, isObject, isStorable } from "../core/protocol/checks.ts";
import { FETCH_OPTION_ENTRIES, type FetchOptions, mergeHeaders, type SpelledOptions } from "../core/protocol/fetch-options.ts";
import type { ScriptInfo } from "../core/protocol/messages.ts";
import { isStatusName, isStatusPolicies, type StatusPolicies } from "../core/protocol/status-policy.ts";
import { isMarkupParser, MARKUP_PARSERS, type MarkupParser, type Schedule } from "../core/protocol/task.ts";
import { type Duration, parseDuration } from "./duration.ts";
import { type OptionReader, readerOf, SPELLINGS, type Spellings } from "./fetch-spellings.ts";
import { type Fields, readFields } from "./fields.ts";
import { readForm } from "./form-encoding.ts";
import { encodeMultipart, type Files, readFiles } from "./multipart.ts";
import { Refusal } from "./refusal.ts";
import { RUN_LIMITS } from "./run-limits.ts";
import { readNames, readPatterns, type Scope, type ScopeOptions } from "./scope.ts";
import { unstorablePart } from "./unstorable.ts";

/** What happens after a page with a certain status. */
export interface StatusOptions {
  /** Retries after the first failure; 0: the status is final. */
  retries?: number;
  /** The delay before each retry; the last one applies to all further retries. */
  retryDelay?: Duration | readonly Duration[];
}

/** The options of `@config` and `crawlConfig`: defaults for `crawl()`. Durations in seconds or as text ("10d"). */
export interface CrawlConfig extends SpelledOptions<Spellings> {
  /** Higher runs first. Default 0. */
  priority?: number;
  /** Retries after the first failure. Default 3. */
  retries?: number;
  /** Other retries and delays by status: `{ 403: { retries: 0 }, "5xx": { retries: 5, retryDelay: ["10s", "1m"] } }`. A status precedes its class. */
  byStatus?: Readonly<Record<number | `${number}xx`, StatusOptions>>;
  /** Not before this time: unix seconds, or a Date. */
  exetime?: number | Date;
  /** How long a crawled page stays fresh; -1 (default): always. */
  age?: Duration;
  /** Crawl again when this differs from the last one. */
  itag?: string;
  forceUpdate?: boolean;
  /** With `age`: crawl again whenever the page is no longer fresh. */
  autoRecrawl?: boolean;
  cancel?: boolean;
  userAgent?: string;
  /** Maximum time of the callback. */
  processTimeLimit?: Duration;
  /**
   * How `response.doc` reads the page: "html5" makes the tree of browsers, "html" that of the source, faster. Default: "xml" for pages that are served as XML,
   * otherwise "html".
   */
  parser?: MarkupParser;
  /** True: `page#one` and `page#two` are two pages, as in sites that render by the fragment. Default: fragments are dropped. */
  keepFragment?: boolean;
}

/** Further options of `crawlConfig`. */
export interface ProjectConfig extends CrawlConfig, ScopeOptions {
  /** Minimum time between two pages of one host, for any number of fetchers. Up to a day; default: none. */
  hostDelay?: Duration;
  /** Maximum concurrent pages of one host. Default: no limit. */
  hostConcurrency?: number;
  /** Maximum tasks of the project that fetch something; further ones are skipped. Default: no limit. */
  maxPages?: number;
}

/** The second argument of `crawl()`. */
export interface CrawlOptions extends CrawlConfig {
  // biome-ignore lint/suspicious/noExplicitAny: a callback declares the arguments it wants.
  callback?: ((...args: any[]) => unknown) | string;
  /** Appended to the URL's query. */
  params?: Fields;
  /** Files to send: text or bytes by field, or `{ field: { "name.txt": text } }`. The fields of `data` are sent too; POST unless `method` is set. */
  files?: Files;
  /** Any JSON value: the callback's `response.save`. */
  save?: unknown;
  /** Default: MD5 of the URL, and of method and body if there is a body. */
  taskid?: string;
}

/** Options in the form of a task. */
export interface SortedOptions {
  schedule: Schedule;
  fetch: FetchOptions;
  processTimeLimit?: number;
  parser?: MarkupParser;
  keepFragment?: boolean;
  hosts: Pick<ScriptInfo, "hostDelaySeconds" | "hostConcurrency" | "maxPages">;
  scope: Scope;
  /** Options of a single call. */
  call: Pick<CrawlOptions, "callback" | "params" | "save" | "taskid">;
  /** `data` was written as fields and is sent as a form. */
  isForm?: boolean;
}

/** In the year 5138. A larger number is meant as milliseconds. */
const MAX_EXETIME = 1e11;
const readMoment = (value: unknown) => (isMoment(value) && (value as number) < MAX_EXETIME ? value : undefined);
function readJsonValue(value: unknown): unknown {
  const unstorable = unstorablePart(value);
  return unstorable === undefined ? value : new Refusal(unstorable);
}
const readCount = (value: unknown) => (isCount(value) ? value : undefined);
const readInteger = (value: unknown) => (Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 ? value : undefined);
const readText = (value: unknown) => (isStorable(value) ? value : undefined);
/** As tasks have them; undefined for anything else. */
function readStatusPolicies(value: unknown): StatusPolicies | undefined {
  if (!isObject(value)) return undefined;
  const entries = Object.entries(value).map(([name, options]) => [name, readStatusPolicy(name, options)] as const);
  const policies = Object.fromEntries(entries);
  return isStatusPolicies(policies) ? policies : undefined;
}

function readStatusPolicy(name: string, options: unknown): unknown {
  if (!isStatusName(name) || !isObject(options)) return undefined;
  const { retries, retryDelay, ...unknown } = options;
  if (Object.keys(unknown).length > 0) return undefined;
  const delays = retryDelay === undefined ? {} : { delays: [retryDelay].flat().map(parseDuration) };
  return { ...(retries === undefined ? {} : { retries }), ...delays };
}

const flag: OptionReader = ["true or false", (value) => (isFlag(value) ? value : undefined)];
const headerText: OptionReader = ["a text without line breaks", (value) => (isHeaderValue(value) ? value : undefined)];
const duration: OptionReader = SPELLINGS.duration;

const SCHEDULE: { [K in keyof Required<Schedule>]: OptionReader } = {
  priority: ["a whole number of 32 bits", readInteger],
  retries: ["a whole number from 0", (value) => (readCount(value) === undefined ? undefined : readInteger(value))],
  byStatus: [
    'an object such as { 403: { retries: 0 }, "5xx": { retries: 5, retryDelay: ["10s", "1m"] } }, of at most 50 statuses from 300',
    readStatusPolicies,
  ],
  exetime: ["unix seconds (not milliseconds) or a Date", (value) => readMoment(value instanceof Date ? value.getTime() / 1_000 : value)],
  age: [`-1, ${duration[0]}`, (value) => (value === -1 ? -1 : parseDuration(value))],
  itag: [
    `a text without NUL, of at most ${RUN_LIMITS.itagLength} characters`,
    (value) => ((readText(value)?.length ?? Infinity) <= RUN_LIMITS.itagLength ? value : undefined),
  ],
  forceUpdate: flag,
  autoRecrawl: flag,
  cancel: flag,
};

const FETCH: Record<string, OptionReader> = Object.fromEntries(FETCH_OPTION_ENTRIES.map(([name, option]) => [name, readerOf(option)]));

const readTaskid = (value: unknown) => (/^[^_].{0,254}$/s.test(String(value)) ? readText(value) : undefined);

/** An id made by the script. @throws TypeError if it is not valid. */
export function checkTaskid(value: unknown): string {
  const taskid = readTaskid(value);
  if (taskid === undefined) throw new TypeError(`getTaskid() returns ${TASKID}, not ${describe(value)}`);
  return taskid as string;
}

const TASKID = "a text of 1 to 255 characters that does not begin with _";

const CALL: Record<string, OptionReader> = {
  callback: [
    "a method of the class, or its name",
    (value) => (typeof value === "function" || typeof value === "string" ? value : undefined),
  ],
  params: ["fields with texts, numbers, true or false, or lists of these", readForm],
  files: ['an object like { field: text } or { field: { "name.txt": text } }, with texts or bytes', readFiles],
  save: ["a JSON value", readJsonValue],
  taskid: [TASKID, readTaskid],
  userAgent: headerText,
  processTimeLimit: duration,
  parser: [MARKUP_PARSERS.map((name) => JSON.stringify(name)).join(" or "), (value) => (isMarkupParser(value) ? value : undefined)],
  keepFragment: flag,
};

/** Of `crawlConfig` alone, as `SCOPE`. */
const HOSTS: Record<"hostDelay" | "hostConcurrency" | "maxPages", OptionReader> = {
  hostDelay: [
    `${duration[0]}, a day at most`,
    (value) => ((parseDuration(value) ?? Infinity) <= RUN_LIMITS.hostDelaySeconds ? parseDuration(value) : undefined),
  ],
  hostConcurrency: ["a whole number from 1", (value) => (value === 0 ? undefined : readCount(value))],
  maxPages: ["a whole number from 1", (value) => (value === 0 ? undefined : readCount(value))],
};

const patterns: OptionReader = ['a text such as "*/docs/*", a regular expression, or a list of these', readPatterns];
const SCOPE: { [K in keyof Required<ScopeOptions>]: OptionReader } = {
  include: patterns,
  exclude: patterns,
  maxDepth: ["a whole number from 0", readCount],
  dropParams: ['a list of names such as ["utm_*"]', readNames],
  ignoreParamOrder: flag,
  ignoreTrailingSlash: flag,
  ignoreWww: flag,
};

const KNOWN: Record<string, OptionReader> = { ...SCHEDULE, ...FETCH, ...CALL, ...HOSTS, ...SCOPE };
/** Messages are stored, and a proxy's URL contains a password. */
const SECRETS = new Set<string>(FETCH_OPTION_ENTRIES.filter(([, { isSecret }]) => isSecret).map(([name]) => name));
const PER_CALL = new Set(["callback", "params", "files", "save", "taskid"]);

/**
 * Checks options and separates them by schedule, fetch and process.
 *
 * @param where the place for messages: `crawl()`, `@config`, `crawlConfig`.
 * @throws TypeError that names all unknown options and all invalid values.
 */
export function parseCrawlOptions(options: object, where: string): SortedOptions {
  const sorted: SortedOptions = { schedule: {}, fetch: {}, hosts: {}, scope: {}, call: {} };
  const problems: string[] = [];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    const problem = isKnown(name, where) ? assignOption(sorted, name, value) : `has no option ${name}`;
    if (problem) problems.push(problem);
  }
  const { data, files } = options as { data?: unknown; files?: unknown };
  sorted.isForm = typeof data === "object" && !(data instanceof Uint8Array) && files === undefined;
  if (files !== undefined) problems.push(...addFiles(sorted, options));
  if (problems.length > 0) throw new TypeError(`${where} ${problems.join("; ")}`);
  return sorted;
}

const isKnown = (name: string, where: string) =>
  Object.hasOwn(KNOWN, name) &&
  (where === "crawl()" || !PER_CALL.has(name)) &&
  (where === "crawlConfig" || !(name in HOSTS || name in SCOPE));

function assignOption(sorted: SortedOptions, name: string, value: unknown): string | undefined {
  const [accepts, read] = KNOWN[name] as OptionReader;
  const ready = read(value);
  if (ready instanceof Refusal) return `takes as ${name} ${accepts}; ${ready.reason}`;
  if (ready === undefined) return `takes as ${name} ${accepts}${SECRETS.has(name) ? "" : `, not ${describe(value)}`}`;
  if (name in SCHEDULE) Object.assign(sorted.schedule, { [name]: ready });
  else if (name === "headers") sorted.fetch.headers = mergeHeaders(sorted.fetch.headers ?? {}, ready as Record<string, string>);
  else if (name in FETCH) Object.assign(sorted.fetch, { [name]: ready });
  else if (name === "hostDelay") sorted.hosts.hostDelaySeconds = ready as number;
  else if (name === "hostConcurrency") sorted.hosts.hostConcurrency = ready as number;
  else if (name === "maxPages") sorted.hosts.maxPages = ready as number;
  else if (name in SCOPE) Object.assign(sorted.scope, { [name]: ready });
  else if (name === "processTimeLimit") sorted.processTimeLimit = ready as number;
  else if (name === "parser") sorted.parser = ready as MarkupParser;
  else if (name === "keepFragment") sorted.keepFragment = ready as boolean;
  else if (name === "files") return undefined;
  else if (name === "userAgent") sorted.fetch.headers = mergeHeaders({ "user-agent": ready as string }, sorted.fetch.headers ?? {});
  else Object.assign(sorted.call, { [name]: ready });
  return undefined;
}

/** Combines files and fields into one body. */
function addFiles({ fetch }: SortedOptions, { data = {}, files }: { data?: unknown; files?: unknown }): string[] {
  const [fields, parts] = [readFields(data), readFiles(files)];
  if (!fields) return ["takes as data, together with files, an object of form fields"];
  if (fields instanceof Refusal || !parts || parts instanceof Refusal) return [];
  const { body, contentType } = encodeMultipart(fields, parts);
  fetch.data = body;
  fetch.headers = mergeHeaders(fetch.headers ?? {}, { "content-type": contentType });
  return [];
}

function describe(value: unknown): string {
  try {
    return (typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value))).slice(0, 100);
  } catch {
    return typeof value;
  }
}
