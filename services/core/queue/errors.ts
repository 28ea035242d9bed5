import { CrawlerError } from "../protocol/errors.ts";

/** A task that was delivered repeatedly, and whose workers crashed each time. */
export class PoisonTaskError extends CrawlerError {
  readonly code = "E_POISON_TASK";
  readonly retryable = false;

  constructor(queue: string, deliveries: number, reason: string) {
    super(
      `Given up after ${deliveries} deliveries from ${queue}: ${reason}. Check how much memory this page or its callback needs, correct the script, then run the task again.`,
    );
  }
}

/** The queue server did not accept a command within the time limit. */
export class QueueUnavailableError extends CrawlerError {
  readonly code = "E_QUEUE_UNAVAILABLE";
  readonly retryable = true;

  /** `server`: host and port. */
  constructor(server: string, waitedMs: number, cause: unknown) {
    super(
      `Redis at ${server} accepted no command for ${Math.round(waitedMs)} ms (${cause instanceof Error ? cause.message : cause}). Check that it runs, that ORB_REDIS_URL names it with the right password, and that it is below its maxmemory.`,
      { cause },
    );
  }
}

/** The queue server has no room for new messages; existing ones can still be processed. */
export class QueueFullError extends CrawlerError {
  readonly code = "E_QUEUE_FULL";
  readonly retryable = true;

  /** `server`: host and port. */
  constructor(server: string, cause: unknown) {
    super(
      `Redis at ${server} is full: no new messages are added until there is room. If this persists, raise its maxmemory, or lower ORB_IN_FLIGHT_TASKS or ORB_IN_FLIGHT_MIB.`,
      { cause },
    );
  }
}
