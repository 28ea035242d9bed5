import { CrawlerError } from "../core/errors.ts";

/** Another scheduler has taken over: this one goes back to standing by. */
export class LeaseLostError extends CrawlerError {
  readonly code = "E_LEASE_LOST";
  readonly retryable = true;

  constructor(epoch: number) {
    super(`The scheduler's lease of epoch ${epoch} has been taken over; this process changes nothing and stands by again.`);
  }
}
