import { BadInputError, CrawlerError, type Problem } from "../core/protocol/errors.ts";
import { BodyTooLargeError, DatabaseAwayError, MediaTypeError, QueryTimeoutError, RequestError } from "./errors.ts";

/** The answer to a failed request. */
export interface Failure {
  status: number;
  body: { error: { code: string; message: string; problems: Problem[]; moreProblems?: number } };
}

interface RequestFacts {
  id: string;
  contentType: string | undefined;
  bodyLimitBytes: number;
}

/**
 * An error as an answer. Any other error than a `CrawlerError` is a bug: its text stays in the log, under the id in the answer.
 *
 * @param request for the messages: its id, its content type and the limit of its body.
 */
export function toFailure(error: unknown, request: RequestFacts): Failure {
  const known = translate(error, request);
  if (known instanceof BadInputError) return failure(400, known, known);
  if (known instanceof RequestError) return failure(known.httpStatus, known);
  if (known instanceof CrawlerError) return failure(known.retryable ? 503 : 500, known);
  return failure(500, {
    code: "E_INTERNAL",
    message: `The request failed because of a bug in Orbweaver. The web UI's log has the details under ${request.id}.`,
  });
}

/** A connection that broke or was refused (class 08), a server that stops or starts (57P0x), no free connection (53300); or none at all. */
const isDatabaseAway = (code: unknown, message: string) =>
  (typeof code === "string" &&
    /^(08...|57P0[1-3]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(code)) ||
  /timeout exceeded when trying to connect|Connection terminated/.test(message);
/** Postgres' code for a statement that was cancelled because it took too long. */
const STATEMENT_ENDED = "57014";

/** Translates errors of Fastify and Postgres. */
function translate(error: unknown, { contentType, bodyLimitBytes }: RequestFacts): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof CrawlerError) return error;
  if (code === STATEMENT_ENDED) return new QueryTimeoutError(error);
  if (error instanceof Error && isDatabaseAway(code, error.message)) return new DatabaseAwayError(error);
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new BodyTooLargeError(bodyLimitBytes);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new MediaTypeError(contentType);
  const statusCode = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  const isOtherRefusal = error instanceof Error && statusCode >= 400 && statusCode < 500;
  return isOtherRefusal ? new BadInputError("The request is not valid", [{ path: "(all)", remedy: error.message }]) : error;
}

function failure(
  status: number,
  { code, message }: { code: string; message: string },
  { problems, moreProblems }: { problems: Problem[]; moreProblems: number } = { problems: [], moreProblems: 0 },
): Failure {
  return { status, body: { error: { code, message, problems, ...(moreProblems > 0 ? { moreProblems } : {}) } } };
}
