import { inMiB } from "../core/protocol/byte-units.ts";
import { CrawlerError } from "../core/protocol/errors.ts";
import { describeExcess, JSON_LIMITS } from "../core/protocol/json-limits.ts";

/** The callback, or the script's top level, threw. It is retried, because the page may be the cause. */
export class ScriptError extends CrawlerError {
  readonly code = "E_SCRIPT";
  readonly retryable = true;
}

/** The callback did not end in time. */
export class ScriptTimeoutError extends CrawlerError {
  readonly code = "E_SCRIPT_TIMEOUT";
  readonly retryable = true;

  constructor(callback: string, limitMs: number) {
    super(
      `${callback} did not end within ${limitMs / 1_000} s and was stopped. If it needs longer, set processTimeLimit in crawl(), @config or crawlConfig.`,
    );
  }
}

/** The script's process took more memory than it may. */
export class ScriptMemoryError extends CrawlerError {
  readonly code = "E_SCRIPT_MEMORY";
  readonly retryable = true;

  constructor(callback: string, limitBytes: number, residentBytes?: number) {
    const used = residentBytes === undefined ? "filled its heap" : `took ${inMiB(residentBytes)}`;
    super(
      `${callback} ${used} and was stopped: a script's process may take ${inMiB(limitBytes)}. Keep less in variables and crawl in smaller steps, or raise ORB_SCRIPT_MEMORY_MIB of the processor.`,
    );
  }
}

/** The script's process ended, or sent an invalid answer. */
export class ScriptCrashError extends CrawlerError {
  readonly code = "E_SCRIPT_CRASH";
  readonly retryable = true;

  constructor(callback: string, how: string) {
    super(`the process that ran ${callback} ${how}. If the script changes built-in prototypes, remove that code.`);
  }
}

/** The output of a run exceeds a limit. */
export class ScriptLimitError extends CrawlerError {
  readonly code = "E_SCRIPT_LIMIT";
  readonly retryable = false;

  constructor(callback: string, what: string) {
    super(`${callback} returned ${what}. Split the work over several pages, and put large data into results.`);
  }
}

/** The callback requested more than one run may, and would do so again. */
export class RunLimitError extends CrawlerError {
  readonly code = "E_SCRIPT_LIMIT";
  readonly retryable = false;
}

/** No sandbox could be started. */
export class SandboxError extends CrawlerError {
  readonly code = "E_SANDBOX";
  readonly retryable = true;

  constructor(how: string) {
    super(`no process for the script could be started: ${how}. Check the processor's memory and process limits.`);
  }
}

/** The page does not exist, or no longer (RFC 9110, sections 15.5.5 and 15.5.11): the server would give the same answer to a retry. */
const FINAL_STATUSES = [404, 410];

/** The server answered with an error status, and the callback does not catch it. */
export class PageStatusError extends CrawlerError {
  readonly code = "E_PAGE_STATUS";
  readonly retryable: boolean;

  constructor(url: string, statusCode: number) {
    super(`${url} answered with status ${statusCode}. To see such pages, put @catchStatusCodeError on the callback.`);
    this.retryable = !FINAL_STATUSES.includes(statusCode);
  }
}

/** The script says that the page shows a login form, or the like. The scheduler logs in again and repeats the page. */
export class SessionEndedError extends CrawlerError {
  readonly code = "E_SESSION_ENDED";
  readonly retryable = true;

  constructor(url: string) {
    super(`${url} came without a session: the script called endSession(). Check what the login of onLogin leads to.`);
  }
}

/** The script read `response.json` of a page whose JSON would take too much memory. */
export class PageJsonError extends CrawlerError {
  readonly code = "E_PAGE_JSON";
  readonly retryable = false;

  constructor(url: string, verdict: "deep" | "many") {
    super(`${url}: the page's JSON has ${describeExcess(verdict, JSON_LIMITS.page)}. Request less data at once, or use response.text.`);
  }
}
