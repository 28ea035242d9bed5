import type { FetchOptions } from "../core/protocol/fetch-options.ts";
import type { ScriptInfo } from "../core/protocol/messages.ts";
import { MESSAGE_URL } from "../core/protocol/task.ts";
import { type CrawlOptions, checkTaskid, type ProjectConfig, parseCrawlOptions, type SortedOptions } from "./crawl-options.ts";
import { isCurl, parseCurl, withCurl } from "./curl.ts";
import { cronTimesOf, everySecondsOf } from "./decorators.ts";
import { type Duration, parseDuration } from "./duration.ts";
import { type LinkElement, urlOf } from "./link-element.ts";
import type { Response } from "./response.ts";
import { joinOptions, type Run, SessionEnded, taskidOf } from "./run.ts";
import { RUN_LIMITS } from "./run-limits.ts";

/** The current task. */
export interface Task {
  project: string;
  taskid: string;
  url: string;
  /** Failures in a row. */
  retried: number;
}

/** `undefined` is the address of a link that a page does not have, such as the last page's link to the next one. */
type Target = string | LinkElement | undefined | null;

let current: Run | undefined;

/** Makes `run` the run of new crawlers. */
export function beginRun(run: Run): void {
  current = run;
}

/** The base class of every script's default export. Each run gets a new instance; module variables may outlive it, or not. */
export class Crawler {
  /** Defaults for all crawls of this project. */
  crawlConfig: ProjectConfig = {};
  /** The delay before each retry after a failure; the last one applies to all further retries. Default: 30 s, 1 h, 6 h, 12 h, 24 h. */
  retryDelay: Duration | readonly Duration[] | undefined;
  readonly projectName: string;
  /** True while the project is in state DEBUG. */
  readonly debug: boolean;
  readonly task: Task;
  readonly #run: Run;
  #defaults: SortedOptions | undefined;

  constructor() {
    if (!current) throw new TypeError("crawlers are created by Orbweaver, not by scripts");
    this.#run = current;
    const { project, taskid, url, retried, debug } = current.job;
    this.projectName = project;
    this.debug = debug;
    this.task = { project, taskid, url, retried };
  }

  /** Entry point, called by the Run button and `orb run`. */
  onStart?(response: Response, task: Task): unknown;
  /**
   * Called before the first page, and after a page said `endSession()`: requests the site's login pages. One of their callbacks calls `startSession`.
   * Meanwhile no other task of the project runs.
   */
  onLogin?(response: Response, task: Task): unknown;
  /** Called once no task of the project is left. */
  onFinished?(response: Response, task: Task): unknown;
  /** Called with the message that another project sent with `sendMessage`. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the two scripts agree on it.
  onMessage?(project: string, message: any): unknown;

  /**
   * Called with each result that a callback returns or yields; its return value is stored instead, and undefined or null is not stored.
   * By default it returns the result.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a result is any JSON value; the script knows its own.
  onResult(result: any, _response: Response, _task: Task): unknown {
    return result;
  }

  /**
   * The identity of a task: a request with the id of an existing task is the same task. By default, MD5 of the URL, and of method and body if
   * there is a body. Override it to distinguish more requests, or fewer.
   *
   * @returns a text of 1 to 255 characters that does not begin with _.
   */
  getTaskid({ url, fetch }: { url: string; fetch: FetchOptions }): string {
    return taskidOf(url, fetch);
  }

  /**
   * Requests pages to be crawled and passed to `callback`. Elements without an http link are skipped, and so are
   * undefined and null, as in pyspider. A text that begins with `curl ` is a command
   * as browsers copy it; `options` take precedence over it.
   *
   * @throws TypeError naming any unknown option or wrong value, a callback that the class does not have, or an invalid URL.
   */
  crawl(target: Target | Iterable<Target>, options: CrawlOptions = {}): void {
    const name = this.#callbackName(options.callback);
    const method = name === undefined ? undefined : (Reflect.get(this, name) as object);
    this.#defaults ??= parseCrawlOptions(this.crawlConfig, "crawlConfig");
    const joined = joinOptions(options, method, this.#defaults);
    if (name === undefined) throw new TypeError("crawl() takes as callback a method of the class, or its name");
    const { processTimeLimit, parser } = joined;
    const process = {
      callback: name,
      ...(processTimeLimit === undefined ? {} : { processTimeLimit }),
      ...(parser === undefined ? {} : { parser }),
      ...(joined.scope.maxDepth === undefined ? {} : { depth: this.#run.nextDepth }),
    };
    const identify = this.#identify(joined);
    for (const one of targetsOf(target)) {
      if (one === undefined || one === null) continue;
      if (typeof one === "string" && isCurl(one)) {
        const request = parseCurl(one);
        this.crawl(request.urls, withCurl(request, options));
        continue;
      }
      const address = typeof one === "string" ? this.#run.address(one) : urlOf(one);
      if (address !== undefined) this.#run.follow(address, joined, { process, identify });
    }
  }

  /**
   * Runs `onMessage` of another project (or this one), once for each message.
   *
   * @param url the message's URL: a result of `onMessage` is stored under it, and replaces that of an earlier message with the same URL. Without it
   * each message has a separate result.
   */
  sendMessage(project: string, message: unknown, url: string = MESSAGE_URL): void {
    this.#run.sendMessage(project, message, url);
  }

  /**
   * Begins the project's session: from now on each task sends these cookies to the host of this page, as they are when the task is dispatched. They
   * replace cookies of the same names. Pages that are asked for afterwards are ordinary ones.
   *
   * @param cookies by name; usually `response.cookies`.
   * @throws TypeError unless this is the callback of a page, and the cookies are texts.
   */
  startSession(cookies: Readonly<Record<string, string>>): void {
    this.#run.startSession(cookies);
  }

  /**
   * Ends the callback: the page shows that the login is gone. The project logs in again, and this page and all others that came without a session are
   * fetched again. That is no failure, unless it happens to a page ten times in a row.
   */
  endSession(): never {
    throw new SessionEnded("the session has ended");
  }

  /** Stored with the task and available in its next run. Not the `save` of `crawl()`: that is `response.save`. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows its own.
  get save(): any {
    this.#run.stored ??= { value: this.#run.job.stored ?? {} };
    return this.#run.stored.value;
  }

  set save(value: unknown) {
    this.#run.stored = { value };
  }

  /** Makes ids of URLs; only ids that the script makes need a check. */
  #identify({ call, fetch }: SortedOptions): (url: string) => string {
    const { taskid } = call;
    if (taskid !== undefined) return () => taskid;
    if (this.getTaskid === Crawler.prototype.getTaskid) return (url) => taskidOf(url, fetch);
    return (url) => checkTaskid(this.getTaskid({ url, fetch }));
  }

  #callbackName(callback: CrawlOptions["callback"]): string | undefined {
    if (callback === undefined) return undefined;
    const name = typeof callback === "function" ? nameOfMethod(this, callback) : String(callback);
    if (name !== undefined && typeof Reflect.get(this, name) === "function") return name;
    const given = typeof callback === "function" ? callback.name : name;
    throw new TypeError(
      `crawl() takes as callback a method of the class, but ${given || "an unnamed function"} is not one: write it as a method and pass this.${given || "name"}`,
    );
  }
}

/** The name under which an object has a function; a function of a field or of a decorator may have another name, or none. */
function nameOfMethod(crawler: Crawler, callback: CallableFunction): string | undefined {
  if (Reflect.get(crawler, callback.name) === callback) return callback.name;
  for (let object: object = crawler; object !== Crawler.prototype; object = Object.getPrototypeOf(object)) {
    const descriptors = Object.entries(Object.getOwnPropertyDescriptors(object) as Record<string, PropertyDescriptor>);
    const found = descriptors.find(([name, { value }]) => value === callback && Reflect.get(crawler, name) === callback);
    if (found) return found[0];
  }
  return undefined;
}

function* targetsOf(target: Target | Iterable<Target>): Generator<Target> {
  if (typeof target === "string") yield target;
  else if (Symbol.iterator in Object(target)) yield* target as Iterable<Target>;
  else yield target as Target;
}

/** What Orbweaver calls or reads of a script's class. */
const MEMBERS = ["crawlConfig", "retryDelay", "onStart", "onLogin", "onFinished", "onMessage", "onResult", "getTaskid"];
const plainName = (name: string) => name.replaceAll("_", "").toLowerCase();
const MEMBER_OF = new Map(MEMBERS.map((member) => [plainName(member), member]));

/** @throws TypeError for a member in pyspider's spelling or another wrong one: nothing would call it. */
function requireSpelling(crawler: Crawler): void {
  for (let object: object = crawler; object !== Crawler.prototype; object = Object.getPrototypeOf(object)) {
    for (const name of Object.getOwnPropertyNames(object)) {
      const member = MEMBER_OF.get(plainName(name));
      if (member !== undefined && member !== name)
        throw new TypeError(`the class has ${name}, which Orbweaver does not know: write ${member}`);
    }
  }
}

/** The declarations of a script's class. @throws TypeError for a bad `crawlConfig` or `retryDelay`, and for a misspelt member. */
export function infoOf(crawler: Crawler): ScriptInfo {
  requireSpelling(crawler);
  const { fetch: fetchDefaults, hosts } = parseCrawlOptions(crawler.crawlConfig, "crawlConfig");
  const has = (method: unknown) => typeof method === "function";
  const info: ScriptInfo = {
    ...{ fetchDefaults, ...hosts, every: [] },
    ...{ hasOnFinished: has(crawler.onFinished), takesMessages: has(crawler.onMessage) },
    ...(has(crawler.onLogin) ? { hasLogin: true } : {}),
  };
  const cron: ScriptInfo["cron"] = [];
  for (const [callback, method] of methodsOf(crawler)) {
    const seconds = everySecondsOf(method);
    if (seconds !== undefined) info.every.push({ callback, seconds });
    cron.push(...cronTimesOf(method).map((times) => ({ callback, ...times })));
  }
  if (cron.length > 0) info.cron = cron;
  const delays = crawler.retryDelay === undefined ? [] : [crawler.retryDelay].flat();
  if (delays.length > RUN_LIMITS.retryDelays)
    throw new TypeError(`retryDelay takes at most ${RUN_LIMITS.retryDelays} delays, not ${delays.length}`);
  if (delays.length > 0) info.retryDelaySeconds = delays.map(delaySeconds);
  return info;
}

function delaySeconds(delay: Duration): number {
  const seconds = parseDuration(delay);
  if (seconds === undefined)
    throw new TypeError(`retryDelay takes seconds or texts like "30s", or a list of them, not ${JSON.stringify(delay)}`);
  return seconds;
}

/** The decorators of the class's methods and of inherited ones; the nearest of one name counts. */
function* methodsOf(crawler: Crawler): Generator<[name: string, method: object]> {
  const seen = new Set<string>();
  for (let object = Object.getPrototypeOf(crawler); object !== Crawler.prototype; object = Object.getPrototypeOf(object)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(object) as Record<string, PropertyDescriptor>)) {
      if (typeof value === "function" && !seen.has(name)) yield [name, value];
      seen.add(name);
    }
  }
}
