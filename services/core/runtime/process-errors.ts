import { CrawlerError } from "../protocol/errors.ts";

const REASONS: Record<string, string> = {
  EADDRINUSE: "another process uses this port",
  EADDRNOTAVAIL: "this machine has no such address",
  EACCES: "this user may not listen on that port",
};

/** A server could not be opened on its address and port. */
export class ListenError extends CrawlerError {
  readonly code = "E_LISTEN";
  readonly retryable = false;

  constructor({ host, port, remedy }: { host: string; port: number; remedy: string }, cause: unknown) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    super(`Cannot listen on ${host} port ${port}: ${REASONS[reason] ?? reason}. ${remedy}`, { cause });
  }
}

/** A secret file exists but cannot be used. */
export class TokenError extends CrawlerError {
  readonly code = "E_TOKEN";
  readonly retryable = false;
}
