import { CrawlerError } from "../core/protocol/errors.ts";

/** A request that the web UI refuses, with its HTTP status. */
export abstract class RequestError extends CrawlerError {
  abstract readonly httpStatus: number;
  readonly retryable: boolean = false;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** The request has neither a valid token nor a valid session. */
export class UnauthorizedError extends RequestError {
  readonly code = "E_UNAUTHORIZED";
  readonly httpStatus = 401;

  constructor() {
    super("This request needs a login. Send `Authorization: Bearer <token>`, or log in at /login. `./orb token` prints the token.");
  }
}

/** A request that changes something came from another site's page. */
export class CrossOriginError extends RequestError {
  readonly code = "E_CROSS_ORIGIN";
  readonly httpStatus = 403;

  constructor() {
    super(
      "A request with a session cookie may change data only if it comes from this site's own pages. Programs must send a token instead.",
    );
  }
}

/** The name in the Host header is not this machine's: another site may have pointed its own name here (DNS rebinding). */
export class HostRefusedError extends RequestError {
  readonly code = "E_HOST_REFUSED";
  readonly httpStatus = 421;

  constructor(host: string | undefined) {
    super(
      `The web UI listens on this machine only and refuses the host name ${JSON.stringify(host ?? "")}. Use http://127.0.0.1 or http://localhost.`,
    );
  }
}

/** Postgres is unavailable, or has no free connection. */
export class DatabaseAwayError extends RequestError {
  readonly code = "E_DATABASE_UNREACHABLE";
  readonly httpStatus = 503;
  override readonly retryable = true;

  constructor(cause: unknown) {
    super("The database does not answer. Try again in a moment; if that does not help, check whether Postgres runs.", cause);
  }
}

/** A query took too long. */
export class QueryTimeoutError extends RequestError {
  readonly code = "E_QUERY_TIMEOUT";
  readonly httpStatus = 503;
  override readonly retryable = true;

  constructor(cause: unknown) {
    super("The database query took too long. Narrow the request: another state, or one project.", cause);
  }
}

/** The maximum of concurrent large answers is reached. */
export class ExportsBusyError extends RequestError {
  readonly code = "E_EXPORTS_BUSY";
  readonly httpStatus = 503;
  override readonly retryable = true;

  constructor(limit: number) {
    super(`${limit} exports or large results are being downloaded. Try again when one of them has finished.`);
  }
}

/** The maximum of open event streams is reached. */
export class StreamsBusyError extends RequestError {
  readonly code = "E_STREAMS_BUSY";
  readonly httpStatus = 503;
  override readonly retryable = true;

  constructor(limit: number) {
    super(`${limit} event streams are open. Ask for the paths themselves instead, every few seconds.`);
  }
}

/** Too many steps of the debugger wait, or one has waited for too long. */
export class DebuggerBusyError extends RequestError {
  readonly code = "E_DEBUGGER_BUSY";
  readonly httpStatus = 503;
  override readonly retryable = true;

  constructor(limit: number) {
    super(`${limit} steps of the debugger are running, and others wait. Try again when one of them has ended.`);
  }
}

/** No role has answered a step of the debugger. */
export class StepTimeoutError extends RequestError {
  readonly code = "E_STEP_TIMEOUT";
  readonly httpStatus = 504;
  override readonly retryable = true;

  constructor(seconds: number) {
    super(`No answer after ${seconds} s: no fetcher or processor is free, or none is running. Try again, and see ./orb status.`);
  }
}

/** Too many wrong tokens from one address. */
export class TooManyLoginsError extends RequestError {
  readonly code = "E_TOO_MANY_LOGINS";
  readonly httpStatus = 429;
  override readonly retryable = true;

  constructor(failures: number) {
    super(`Your address sent ${failures} wrong tokens within a minute. Wait a minute, then try again.`);
  }
}

/** No resource has that name or path. */
export class NotFoundError extends RequestError {
  readonly code = "E_NOT_FOUND";
  readonly httpStatus = 404;

  constructor(what: string, remedy: string) {
    super(`There is no ${what}. ${remedy}`);
  }
}

/** The path exists, but for other methods. */
export class MethodNotAllowedError extends RequestError {
  readonly code = "E_METHOD_NOT_ALLOWED";
  readonly httpStatus = 405;
  readonly allowed: string[];

  constructor(method: string, path: string, allowed: string[]) {
    super(`${path} does not take ${method}. Use ${allowed.join(" or ")}.`);
    this.allowed = allowed;
  }
}

/** A run was requested for a project that is stopped. */
export class ProjectInactiveError extends RequestError {
  readonly code = "E_PROJECT_INACTIVE";
  readonly httpStatus = 409;

  constructor(project: string, status: string) {
    super(`Project ${project} is in state ${status}, in which no task runs. Set its status to DEBUG or RUNNING first.`);
  }
}

/** A change of a locked project. */
export class ProjectLockedError extends RequestError {
  readonly code = "E_PROJECT_LOCKED";
  readonly httpStatus = 423;

  constructor(project: string) {
    super(`Project ${project} is locked: its group contains the word \`lock\`. Remove it from the group first.`);
  }
}

/** The stored script is not the one that the change was made from. */
export class ScriptConflictError extends RequestError {
  readonly code = "E_SCRIPT_CONFLICT";
  readonly httpStatus = 409;

  constructor(project: string) {
    super(
      `The script of ${project} was saved by another user, or in another window, since it was opened. Compare the two, then save over it or open the stored one.`,
    );
  }
}

/** The request's body is longer than the limit. */
export class BodyTooLargeError extends RequestError {
  readonly code = "E_BODY_TOO_LARGE";
  readonly httpStatus = 413;

  constructor(limitBytes: number) {
    super(`The body is larger than the limit of ${limitBytes} bytes for this path. Send less at once.`);
  }
}

/** The request's body is not declared as JSON. */
export class MediaTypeError extends RequestError {
  readonly code = "E_MEDIA_TYPE";
  readonly httpStatus = 415;

  constructor(mediaType: string | undefined) {
    super(`The body's type is ${JSON.stringify(mediaType ?? "")}. Send JSON with \`Content-Type: application/json\`.`);
  }
}
