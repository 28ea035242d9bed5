import type { ScriptInfo } from "../../core/messages.ts";
import { type FetchOptions, MESSAGE_URL } from "../../core/task.ts";
import { type CrawlOptions, checkTaskid, type ProjectConfig, type SortedOptions, sortOptions } from "./crawl-options.ts";
import { isCurl, parseCurl, withCurl } from "./curl.ts";
import { cronTimesOf, everySecondsOf } from "./decorators.ts";
import { type Duration, parseDuration } from "./duration.ts";
import { resolveUrl } from "./host.ts";
import type { LinkElement } from "./link-element.ts";
import type { Response } from "./response.ts";
import { joinOptions, type Run, taskidOf } from "./run.ts";
import { RUN_LIMITS } from "./run-limits.ts";

/** The task that is being run. */
export interface Task {
  project: string;
  taskid: string;
  url: string;
  /** How often it has failed in a row. */
  retried: number;
}

type Target = string | LinkElement;

let current: Run | undefined;

/** Makes `run` the one that new crawlers work for. */
export function beginRun(run: Run): void {
  current = run;
}

/** What every script's default export extends. A new one is made for each run; module variables may outlive it, or not. */
export class Crawler {
  /** Defaults for everything this project crawls. */
  crawlConfig: ProjectConfig = {};
  /** The wait before each try after a failure; the last one counts from then on. Default: 30 s, 1 h, 6 h, 12 h, 24 h. */
  retryDelay: Duration | readonly Duration[] | undefined;
  readonly projectName: string;
  /** True while the project is in state DEBUG. */
  readonly debug: boolean;
  readonly task: Task;
  readonly #run: Run;
  #defaults: SortedOptions | undefined;

  constructor() {
    if (!current) throw new TypeError("crawlers are made by Orbweaver, not by scripts");
    this.#run = current;
    const { project, taskid, url, retried, debug } = current.job;
    this.projectName = project;
    this.debug = debug;
    this.task = { project, taskid, url, retried };
  }

  /** Entry: what the Run button and `orb run` call. */
  onStart?(response: Response, task: Task): unknown;
  /** Called once nothing of the project is left to do. */
  onFinished?(response: Response, task: Task): unknown;
  /** Called with what another project sent by `sendMessage`. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the two scripts agree on it.
  onMessage?(project: string, message: any): unknown;

  /**
   * Called with each result that a callback returns or yields; what it returns is stored in its place, and undefined or null is not stored. As it
   * is, it returns the result.
   */
  // biome-ignore lint/suspicious/noExplicitAny: a result is any JSON value; the script knows its own.
  onResult(result: any, _response: Response, _task: Task): unknown {
    return result;
  }

  /**
   * What a task is known by: what is asked for under an id that exists already is the same task. As it is, MD5 of the URL, and of method and body
   * where there is a body. Override it to tell more requests apart, or fewer.
   *
   * @returns a text of 1 to 255 characters that does not begin with _.
   */
  getTaskid({ url, fetch }: { url: string; fetch: FetchOptions }): string {
    return taskidOf(url, fetch);
  }

  /**
   * Asks for pages to be crawled and handed to `callback`. Of elements, those without an http link that can be crawled are passed over. A text that
   * begins with `curl ` is a command as browsers copy it; `options` win over what it says.
   *
   * @throws TypeError naming any unknown option or wrong value, a callback that the class does not have, or a URL that is none.
   */
  crawl(target: Target | Iterable<Target>, options: CrawlOptions = {}): void {
    const name = this.#callbackName(options.callback);
    const method = name === undefined ? undefined : (Reflect.get(this, name) as object);
    this.#defaults ??= sortOptions(this.crawlConfig, "crawlConfig");
    const joined = joinOptions(options, method, this.#defaults);
    if (name === undefined) throw new TypeError("crawl() takes as callback a method of the class, or its name");
    const process = { callback: name, ...(joined.processTimeLimit === undefined ? {} : { processTimeLimit: joined.processTimeLimit }) };
    const identify = this.#identify(joined);
    for (const one of targetsOf(target)) {
      if (typeof one === "string" && isCurl(one)) {
        const request = parseCurl(one);
        this.crawl(request.urls, withCurl(request, options));
        continue;
      }
      const address = typeof one === "string" ? this.#run.address(one) : linkOf(one);
      if (address !== undefined) this.#run.follow(address, joined, { process, identify });
    }
  }

  /**
   * Runs `onMessage` of another project (or this one), once for each message.
   *
   * @param url what it is about: a result of `onMessage` is stored under it, and replaces that of an earlier message about the same. Without it each
   * message has a result of its own.
   */
  sendMessage(project: string, message: unknown, url: string = MESSAGE_URL): void {
    this.#run.sendMessage(project, message, url);
  }

  /** Kept with the task and given back at its next run. Not what `crawl()` was given: that is `response.save`. */
  // biome-ignore lint/suspicious/noExplicitAny: any JSON value; the script knows its own.
  get save(): any {
    this.#run.stored ??= { value: this.#run.job.stored ?? {} };
    return this.#run.stored.value;
  }

  set save(value: unknown) {
    this.#run.stored = { value };
  }

  /** Makes ids of URLs; only those that a script makes itself need a look. */
  #identify({ call, fetch }: SortedOptions): (url: string) => string {
    const { taskid } = call;
    if (taskid !== undefined) return () => taskid;
    if (this.getTaskid === Crawler.prototype.getTaskid) return (url) => taskidOf(url, fetch);
    return (url) => checkTaskid(this.getTaskid({ url, fetch }));
  }

  #callbackName(callback: CrawlOptions["callback"]): string | undefined {
    if (callback === undefined) return undefined;
    const name = typeof callback === "function" ? callback.name : String(callback);
    const method = Reflect.get(this, name);
    if (typeof method !== "function" || (typeof callback === "function" && method !== callback)) {
      throw new TypeError(
        `crawl() takes as callback a method of the class, and ${name || "an unnamed function"} is none: write it as a method and pass this.${name || "name"}`,
      );
    }
    return name;
  }
}

function* targetsOf(target: Target | Iterable<Target>): Generator<Target> {
  if (typeof target === "string") yield target;
  else if (Symbol.iterator in Object(target)) yield* target as Iterable<Target>;
  else yield target as LinkElement;
}

function linkOf(element: LinkElement): string | undefined {
  if (typeof element?.attribs !== "object")
    throw new TypeError(`crawl() takes URLs and link elements, not ${typeof element}: ${String(element).slice(0, 100)}`);
  const link = element.attribs.href ?? element.attribs.src;
  if (!link || !/^https?:/i.test(link) || link.length > RUN_LIMITS.urlLength) return undefined;
  // Pages have links that are no URLs, and these stay as they are written.
  const url = PLAIN_URL.test(link) ? link : resolveUrl(link);
  return url !== "" && url.length <= RUN_LIMITS.urlLength ? url : undefined;
}

/**
 * What is a URL as `URL` itself would write it, and so needs no look by the host, which costs a microsecond or two: no number for a host, no default
 * port, no `.` or `..` in the path.
 */
const PLAIN_URL =
  /^https?:\/\/(?![^/]*xn--)(?:[a-z\d][a-z\d-]*\.)*[a-z][a-z\d-]*(?::[1-9]\d{3})?\/(?!(?:[^?#]*\/)?(?:\.|%2[eE]){1,2}(?:[/?#]|$))[\w!$&()*+,./:;=?@%~#-]*$/;

/** What a script's class says of itself. @throws TypeError for a bad `crawlConfig` or `retryDelay`. */
export function infoOf(crawler: Crawler): ScriptInfo {
  const { fetch: fetchDefaults, hosts } = sortOptions(crawler.crawlConfig, "crawlConfig");
  const has = (method: unknown) => typeof method === "function";
  const info: ScriptInfo = {
    ...{ fetchDefaults, ...hosts, every: [] },
    ...{ hasOnFinished: has(crawler.onFinished), takesMessages: has(crawler.onMessage) },
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

/** What decorators say of the class's methods and of those that it inherits; the nearest of one name counts. */
function* methodsOf(crawler: Crawler): Generator<[name: string, method: object]> {
  const seen = new Set<string>();
  for (let object = Object.getPrototypeOf(crawler); object !== Crawler.prototype; object = Object.getPrototypeOf(object)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(object) as Record<string, PropertyDescriptor>)) {
      if (typeof value === "function" && !seen.has(name)) yield [name, value];
      seen.add(name);
    }
  }
}
