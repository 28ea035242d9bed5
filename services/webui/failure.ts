import { BadInputError, CrawlerError, type Problem } from "../core/errors.ts";
import { BodyTooLargeError, DatabaseAwayError, MediaTypeError, QueryTimeoutError, RequestError } from "./errors.ts";

/** The body limit of every request, in bytes: the longest script, should every character need escaping. */
export const BODY_LIMIT_BYTES = 2 * 1024 * 1024;

/** What a failed request is answered with. */
export interface Failure {
  status: number;
  body: { error: { code: string; message: string; problems: Problem[] } };
}

/**
 * An error as an answer. What is no `CrawlerError` is a bug: its text stays in the log, under the id that the answer names.
 *
 * @param request for the messages: its id and content type.
 */
export function toFailure(error: unknown, request: { id: string; contentType: string | undefined }): Failure {
  const known = translate(error, request.contentType);
  if (known instanceof BadInputError) return failure(400, known, known.problems);
  if (known instanceof RequestError) return failure(known.httpStatus, known);
  if (known instanceof CrawlerError) return failure(known.retryable ? 503 : 500, known);
  return failure(500, { code: "E_INTERNAL", message: `Something went wrong here. The web UI's log has the details under ${request.id}.` });
}

/** A connection that broke or was refused (class 08), a server that stops or starts (57P0x), no connection left (53300); or none at all. */
const isDatabaseAway = (code: unknown, message: string) =>
  (typeof code === "string" &&
    /^(08...|57P0[1-3]|53300|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)$/.test(code)) ||
  /timeout exceeded when trying to connect|Connection terminated/.test(message);
/** Postgres' code for a statement that was ended because it took too long. */
const STATEMENT_ENDED = "57014";

/** Fastify's own refusals, and what Postgres says, as ours. */
function translate(error: unknown, contentType: string | undefined): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof CrawlerError) return error;
  if (code === STATEMENT_ENDED) return new QueryTimeoutError(error);
  if (error instanceof Error && isDatabaseAway(code, error.message)) return new DatabaseAwayError(error);
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new BodyTooLargeError(BODY_LIMIT_BYTES);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new MediaTypeError(contentType);
  const statusCode = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
  const isOtherRefusal = error instanceof Error && statusCode >= 400 && statusCode < 500;
  return isOtherRefusal ? new BadInputError("The request does not fit", [{ path: "(all)", remedy: error.message }]) : error;
}

function failure(status: number, { code, message }: { code: string; message: string }, problems: Problem[] = []): Failure {
  return { status, body: { error: { code, message, problems } } };
}
