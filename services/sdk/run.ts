import { isInDomains } from "../core/protocol/allowed-domains.ts";
import { hasControls, toStorable } from "../core/protocol/checks.ts";
import { isDataUrl } from "../core/protocol/data-url.ts";
import { type FetchOptions, mergeFetchOptions, mergeHeaders } from "../core/protocol/fetch-options.ts";
import { FOLLOW_LIMITS } from "../core/protocol/follow-list.ts";
import type { Page, ProjectMessage } from "../core/protocol/messages.ts";
import { isLoginTask, isSession, loginStepId, type Session } from "../core/protocol/session.ts";
import { differenceOf, type Skipped, type SkipReason } from "../core/protocol/skipped.ts";
import type { Follow, MarkupParser } from "../core/protocol/task.ts";
import { type CrawlOptions, parseCrawlOptions, type SortedOptions } from "./crawl-options.ts";
import { configOf } from "./decorators.ts";
import { md5, resolveUrl } from "./host.ts";
import { RUN_LIMITS } from "./run-limits.ts";
import { identityOf, outOfScope, withoutParams } from "./scope.ts";
import { unstorablePart } from "./unstorable.ts";

/** The parent's data for one task; the page's bytes stay outside. */
export interface Job {
  project: string;
  taskid: string;
  /** The task's own URL. */
  url: string;
  callback: string;
  debug: boolean;
  retried: number;
  save?: unknown;
  stored?: unknown;
  /** Absent: 0. */
  depth?: number | undefined;
  allowRedirects: boolean;
  parser?: MarkupParser;
  page: Omit<Page, "content">;
}

/** A limit of one run is exceeded: another try of the same page would exceed it, too. */
export class RunLimitFailure extends RangeError {}

/** The page shows that the session has ended. */
export class SessionEnded extends Error {}

/** The requests of one run of a callback. */
export class Run {
  readonly job: Job;
  readonly follows = new Map<string, Follow>();
  readonly skipped: Skipped = {};
  readonly messages: ProjectMessage[] = [];
  /** The script's `this.save`, if it was used. */
  stored: { value: unknown } | undefined;
  /** The session that the callback began. */
  session: Session | undefined;

  constructor(job: Job) {
    this.job = job;
  }

  /** Adds a task; the first of several with one id counts. `identify` makes the id of a URL. @throws TypeError for a URL that is too long. */
  follow(url: string, options: JoinedOptions, { process, identify }: { process: Follow["process"]; identify(url: string): string }): void {
    const { schedule, fetch, call, keepFragment, scope } = options;
    const whole = withoutParams(withParams(url, call.params as string | undefined), scope);
    const address = addressOf(whole, keepFragment);
    if (address.length > RUN_LIMITS.urlLength)
      throw new TypeError(
        `crawl() takes URLs of at most ${RUN_LIMITS.urlLength} characters, not ${address.length}: ${address.slice(0, 100)}…`,
      );
    const usualId = identify(identityOf(address, scope));
    const taskid = this.#isLogin ? loginStepId(usualId) : usualId;
    const known = this.follows.get(taskid);
    if (known) {
      const other = differenceOf(wantedOf({ process, fetch }), wantedOf(known), options.usualFetchType);
      if (other) this.skip(other);
      return;
    }
    const reason = this.#reasonToSkip(address, options);
    if (reason) {
      this.skip(reason);
      return;
    }
    const follow: Follow = { taskid, url: address, process };
    if (this.#isLogin) follow.schedule = { ...schedule, forceUpdate: true };
    else if (Object.keys(schedule).length > 0) follow.schedule = schedule;
    if (Object.keys(fetch).length > 0) follow.fetch = fetch;
    if (call.save !== undefined) follow.save = call.save;
    this.follows.set(taskid, follow);
  }

  /** How many links lead to what this page asks for. */
  get nextDepth(): number {
    return this.#isPage ? (this.job.depth ?? 0) + 1 : 0;
  }

  /** The run is a step of a login, whose further steps are no pages of the crawl. What is asked for once the session has begun is. */
  get #isLogin(): boolean {
    return isLoginTask(this.job.taskid) && !this.session;
  }

  /** @throws TypeError unless the page is of http or https, and the cookies are texts. */
  startSession(cookies: unknown): void {
    const [, protocol, host] = /^(https?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/.exec(this.job.page.url) ?? [];
    if (host === undefined) throw new TypeError("startSession() belongs into the callback of a page: its host gets the cookies");
    const session = { cookies: { ...(cookies as Record<string, string>) }, host, isSecure: protocol === "https" };
    if (!isSession(session))
      throw new TypeError("startSession() takes cookies by name, such as response.cookies: texts without line breaks");
    this.session = session;
  }

  /** What `onStart`, ticks and messages ask for is no link. */
  get #isPage(): boolean {
    return /^https?:/.test(this.job.page.url);
  }

  #reasonToSkip(url: string, { scope, domains }: JoinedOptions): SkipReason | undefined {
    if (domains && !isInDomains(url, domains)) return "allowedDomains";
    const reason = this.#isPage ? outOfScope(url, this.nextDepth, scope) : undefined;
    return reason ?? (this.follows.size >= FOLLOW_LIMITS.count ? "limit" : undefined);
  }

  /** Counts links that become no task. */
  skip(reason: SkipReason, count = 1): void {
    this.skipped[reason] = (this.skipped[reason] ?? 0) + count;
  }

  /** @throws TypeError unless `url` is a valid http, https or data URL. */
  address(url: string): string {
    const text = url.trim();
    const base = /^https?:/.test(this.job.page.url) ? this.job.page.url : "";
    const href = resolveUrl(text, base);
    if (!/^(?:https?|data):/.test(href))
      throw new TypeError(`crawl() takes http, https and data URLs, not ${JSON.stringify(text.slice(0, 200))}`);
    return href;
  }

  sendMessage(project: string, message: unknown, url: string): void {
    if (this.messages.length >= RUN_LIMITS.messages) throw new RunLimitFailure(`one run may send at most ${RUN_LIMITS.messages} messages`);
    if (typeof project !== "string" || !/^\w{1,64}$/.test(project))
      throw new TypeError(`sendMessage() takes the name of a project, not ${JSON.stringify(project)}`);
    const text = String(url);
    const about = toStorable(text);
    if (about === "" || about.length > RUN_LIMITS.urlLength || hasControls(text))
      throw new TypeError(`sendMessage() takes a URL of 1 to ${RUN_LIMITS.urlLength} characters without control characters`);
    const unstorable = unstorablePart(message);
    if (unstorable !== undefined) throw new TypeError(`sendMessage() takes a JSON value as message; ${unstorable}`);
    this.messages.push({ project, url: about, message: message === undefined ? null : message });
  }
}

const wantedOf = ({ process, fetch }: Pick<Follow, "process" | "fetch">) => ({
  callback: process.callback,
  ...(fetch?.fetchType && { fetchType: fetch.fetchType }),
});

/** MD5 of the URL (pyspider's id), and of method and body if there is a body: forms differ only in their body. */
export const taskidOf = (url: string, { method, data }: FetchOptions) =>
  md5(data === undefined ? url : `${url}\n${method ?? "POST"}\n${typeof data === "string" ? data : JSON.stringify(data)}`);

/** `"http://a/?b#c", "d=1"` -> `"http://a/?b&d=1#c"` */
export function withParams(url: string, query: string | undefined): string {
  if (!query) return url;
  const [, start, fragment] = /^([^#]*)(.*)$/s.exec(url) as unknown as [string, string, string];
  return `${start}${start.includes("?") ? "&" : "?"}${query}${fragment}`;
}

/**
 * The URL without its fragment, which is a place in a page that no server sees. In a data: URL all of the rest is data, as pyspider has it; by the
 * standard, a fragment would end it.
 */
function addressOf(url: string, keepFragment = false): string {
  if (isDataUrl(url)) return url.replaceAll("#", "%23");
  const at = keepFragment ? -1 : url.indexOf("#");
  return at < 0 ? url : url.slice(0, at);
}

/** The options of one call of `crawl()`. */
export interface JoinedOptions extends SortedOptions {
  domains: FetchOptions["allowedDomains"];
  usualFetchType: FetchOptions["fetchType"];
}

/** The call's options, over `@config` of its callback, over `crawlConfig`; fetch options of the last are merged at dispatch. */
export function joinOptions(options: CrawlOptions, method: object | undefined, crawlConfig: SortedOptions): JoinedOptions {
  const own = parseCrawlOptions(options, "crawl()");
  const defaults = method && configOf(method);
  const fetch = defaults ? mergeFetchOptions(defaults.fetch, own.fetch) : own.fetch;
  if (own.isForm) checkFormType(mergeHeaders(crawlConfig.fetch.headers ?? {}, fetch.headers ?? {}));
  const processTimeLimit = own.processTimeLimit ?? defaults?.processTimeLimit ?? crawlConfig.processTimeLimit;
  const parser = own.parser ?? defaults?.parser ?? crawlConfig.parser;
  return {
    schedule: { ...crawlConfig.schedule, ...defaults?.schedule, ...own.schedule },
    fetch,
    domains: fetch.allowedDomains ?? crawlConfig.fetch.allowedDomains,
    usualFetchType: crawlConfig.fetch.fetchType,
    scope: crawlConfig.scope,
    ...(processTimeLimit === undefined ? {} : { processTimeLimit }),
    ...(parser === undefined ? {} : { parser }),
    keepFragment: own.keepFragment ?? defaults?.keepFragment ?? crawlConfig.keepFragment ?? false,
    hosts: {},
    call: own.call,
  };
}

/** A server would read fields as what the header says. @throws TypeError */
function checkFormType(headers: Record<string, string>): void {
  const [, type = FORM_TYPE] = Object.entries(headers).find(([name]) => name.toLowerCase() === "content-type") ?? [];
  if (type.toLowerCase().startsWith(FORM_TYPE)) return;
  throw new TypeError(
    `crawl() sends fields as ${FORM_TYPE}, but the header content-type is ${type.slice(0, 100)}: write data as a text, such as JSON.stringify(…), or files for multipart/form-data`,
  );
}

const FORM_TYPE = "application/x-www-form-urlencoded";
