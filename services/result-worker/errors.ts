import { CrawlerError } from "../core/protocol/errors.ts";

/** The database refused the results of one task; the rest of its batch was stored. */
export class ResultRefusedError extends CrawlerError {
  readonly code = "E_RESULT_REFUSED";
  readonly retryable = false;

  constructor({ rows, bytes }: { rows: number; bytes: number }, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(`${rows} result rows (${bytes} bytes of JSON) cannot be stored: ${reason}. Return JSON values, without the character U+0000.`, {
      cause,
    });
  }
}
