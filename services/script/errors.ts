import { BadInputError, CrawlerError, type Problem } from "../core/errors.ts";

/** A script that cannot be saved, with all its problems. */
export class BadScriptError extends BadInputError {
  constructor(fileName: string, problems: Problem[]) {
    super(`${fileName} is no script that can run`, problems);
  }
}

/** The callback, or the script around it, threw. Tried again, since it may hang on the page. */
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
    const used = residentBytes === undefined ? "filled its heap" : `took ${mebibytes(residentBytes)}`;
    super(
      `${callback} ${used} and was stopped: a script's process may take ${mebibytes(limitBytes)}. Keep less in variables; crawl in smaller steps.`,
    );
  }
}

/** The script's process ended, or wrote what no script can mean. */
export class ScriptCrashError extends CrawlerError {
  readonly code = "E_SCRIPT_CRASH";
  readonly retryable = true;

  constructor(callback: string, how: string) {
    super(`the process that ran ${callback} ${how}. If the script changes built-in prototypes, leave that out.`);
  }
}

/** A run gave back more than it may. */
export class ScriptLimitError extends CrawlerError {
  readonly code = "E_SCRIPT_LIMIT";
  readonly retryable = false;

  constructor(callback: string, what: string) {
    super(`${callback} gave back ${what}. Spread the work over several pages, and keep in results what is large.`);
  }
}

/** No sandbox could be started. */
export class SandboxError extends CrawlerError {
  readonly code = "E_SANDBOX";
  readonly retryable = true;

  constructor(how: string) {
    super(`no process for the script could be started: ${how}. Look at the processor's memory and process limits.`);
  }
}

const mebibytes = (bytes: number) => `${Math.round(bytes / 1_048_576)} MiB`;

/** The server answered with an error status, and the callback does not catch it. */
export class PageStatusError extends CrawlerError {
  readonly code = "E_PAGE_STATUS";
  readonly retryable = true;

  constructor(url: string, statusCode: number) {
    super(`${url} answered with status ${statusCode}. To see such pages, put @catchStatusCodeError on the callback.`);
  }
}
