import { CrawlerError } from "../core/protocol/errors.ts";

/** Another scheduler has taken over: this one becomes a standby again. */
export class LeaseLostError extends CrawlerError {
  readonly code = "E_LEASE_LOST";
  readonly retryable = true;

  constructor(epoch: number) {
    super(`The scheduler's lease of epoch ${epoch} has been taken over; this process changes nothing and becomes a standby.`);
  }
}
