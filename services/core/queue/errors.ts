import { CrawlerError } from "../errors.ts";

/** A task that was handed out again and again and whose workers never gave it back. */
export class PoisonTaskError extends CrawlerError {
  readonly code = "E_POISON_TASK";
  readonly retryable = false;

  constructor(queue: string, deliveries: number, reason: string) {
    super(
      `Given up after ${deliveries} deliveries from ${queue}: ${reason}. Look for what this page or its callback does to the memory of its worker, correct the script, then run the task again.`,
    );
  }
}

/** The queue server did not take a command within the time it was given. */
export class QueueUnavailableError extends CrawlerError {
  readonly code = "E_QUEUE_UNAVAILABLE";
  readonly retryable = true;

  /** `server`: host and port. */
  constructor(server: string, waitedMs: number, cause: unknown) {
    super(
      `Redis at ${server} took no command for ${Math.round(waitedMs)} ms (${cause instanceof Error ? cause.message : cause}). Check that it runs, that ORB_REDIS_URL names it with the right password, and that it is below its maxmemory.`,
      { cause },
    );
  }
}

/** The queue server has no room for more; what is there can be handed on and ended. */
export class QueueFullError extends CrawlerError {
  readonly code = "E_QUEUE_FULL";
  readonly retryable = true;

  /** `server`: host and port. */
  constructor(server: string, cause: unknown) {
    super(
      `Redis at ${server} is full: nothing new is put until there is room. If that stays so, raise its maxmemory, or lower ORB_IN_FLIGHT_TASKS or ORB_IN_FLIGHT_MIB.`,
      { cause },
    );
  }
}
