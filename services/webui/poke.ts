import type { Queues } from "../core/queue/queue.ts";
import type { Log } from "../core/runtime/log.ts";

/**
 * Wakes the scheduler after a write to its inbox, without waiting: the scheduler checks the inbox every second anyway, and an unavailable queue
 * server would delay the answer for long.
 */
export function pokeScheduler({ queues, log }: { queues: Queues; log: Log }): void {
  queues.put([{ queue: "status_queue", message: { kind: "poke" } }]).catch((error) => {
    log.warn({ err: error }, "the scheduler could not be woken; it will find the request within a second");
  });
}
