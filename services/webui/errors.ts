import { CrawlerError } from "../core/errors.ts";

/** A request that the web UI refuses, with the HTTP status that says so. */
export abstract class RequestError extends CrawlerError {
  abstract readonly httpStatus: number;
  readonly retryable: boolean = false;

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}

/** Neither a valid token nor a valid session came with the request. */
export class UnauthorizedError extends RequestError {
  readonly code = "E_UNAUTHORIZED";
  readonly httpStatus = 401;

  constructor() {
    super("This needs a login. Send `Authorization: Bearer <token>`, or log in at /login. `./orb token` prints the token.");
  }
}

/** A request that changes something came from another site's page. */
export class CrossOriginError extends RequestError {
  readonly code = "E_CROSS_ORIGIN";
  readonly httpStatus = 403;

  constructor() {
    super(
      "A request with a session cookie may change something only when it comes from this site's own pages. Programs send a token instead.",
    );
  }
}

/** The name in the Host header is not this machine's: a foreign page may have pointed its own name here. */
export class HostRefusedError extends RequestError {
  readonly code = "E_HOST_REFUSED";
  readonly httpStatus = 421;

  constructor(host: string | undefined) {
    super(
      `The web UI listens on this machine only and does not answer to the name ${JSON.stringify(host ?? "")}. Use http://127.0.0.1 or http://localhost.`,
    );
  }
}

/** Postgres is away, or has no connection to spare. */
export class DatabaseAwayError extends RequestError {
  readonly code = "E_DATABASE_UNREACHABLE";
  readonly httpStatus = 503;
  override readonly retryable = true;

  constructor(cause: unknown) {
    super("The database does not answer. Try again in a moment; if that does not help, look whether Postgres runs.", cause);
  }
}

/** The database was asked for too much at once. */
export class QueryTimeoutError extends RequestError {
  readonly code = "E_QUERY_TIMEOUT";
  readonly httpStatus = 503;
  override readonly retryable = true;

  constructor(cause: unknown) {
    super("The database took too long to find that. Ask for less: another state, or one project.", cause);
  }
}

/** Too many wrong tokens from one address. */
export class TooManyLoginsError extends RequestError {
  readonly code = "E_TOO_MANY_LOGINS";
  readonly httpStatus = 429;
  override readonly retryable = true;

  constructor(failures: number) {
    super(`${failures} wrong tokens came from your address within a minute. Wait a minute, then try again.`);
  }
}

/** Nothing has that name or path. */
export class NotFoundError extends RequestError {
  readonly code = "E_NOT_FOUND";
  readonly httpStatus = 404;

  constructor(what: string, remedy: string) {
    super(`There is no ${what}. ${remedy}`);
  }
}

/** The path exists, for other methods. */
export class MethodNotAllowedError extends RequestError {
  readonly code = "E_METHOD_NOT_ALLOWED";
  readonly httpStatus = 405;
  readonly allowed: string[];

  constructor(method: string, path: string, allowed: string[]) {
    super(`${path} does not take ${method}. Use ${allowed.join(" or ")}.`);
    this.allowed = allowed;
  }
}

/** A run was asked of a project that is not running. */
export class ProjectInactiveError extends RequestError {
  readonly code = "E_PROJECT_INACTIVE";
  readonly httpStatus = 409;

  constructor(project: string, status: string) {
    super(`Project ${project} is in state ${status} and runs nothing. Set its status to DEBUG or RUNNING first.`);
  }
}

/** A project that is locked was to be changed. */
export class ProjectLockedError extends RequestError {
  readonly code = "E_PROJECT_LOCKED";
  readonly httpStatus = 423;

  constructor(project: string) {
    super(`Project ${project} is locked: the word \`lock\` stands in its group. Take it out of the group first.`);
  }
}

/** The request's body is longer than the limit. */
export class BodyTooLargeError extends RequestError {
  readonly code = "E_BODY_TOO_LARGE";
  readonly httpStatus = 413;

  constructor(limitBytes: number) {
    super(`The body is larger than ${limitBytes} bytes. Shorten the script.`);
  }
}

/** The request's body is not JSON by its own account. */
export class MediaTypeError extends RequestError {
  readonly code = "E_MEDIA_TYPE";
  readonly httpStatus = 415;

  constructor(mediaType: string | undefined) {
    super(`The body's type is ${JSON.stringify(mediaType ?? "")}. Send JSON with \`Content-Type: application/json\`.`);
  }
}
