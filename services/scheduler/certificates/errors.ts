import { CrawlerError } from "../../core/protocol/errors.ts";

/** The certificate authority does not answer. */
export class AcmeUnreachableError extends CrawlerError {
  readonly code = "E_ACME_UNREACHABLE";
  readonly retryable = true;

  constructor(url: string, cause: unknown) {
    const reason = cause instanceof Error ? (cause.cause instanceof Error ? cause.cause.message : cause.message) : String(cause);
    super(`${new URL(url).host} does not answer: ${reason}. Check orbweaver:acme, and that this host reaches it.`, { cause });
  }
}
