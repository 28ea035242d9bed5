import type { Log } from "../core/log.ts";
import type { Queues } from "../core/queue.ts";

/**
 * Wakes the scheduler after something was written to its inbox. Nobody waits for it: the scheduler looks there every second anyway, and a
 * queue server that is away would hold up the answer for long.
 */
export function pokeScheduler({ queues, log }: { queues: Queues; log: Log }): void {
  queues.put([{ queue: "status_queue", message: { kind: "poke" } }]).catch((error) => {
    log.warn({ err: error }, "the scheduler could not be woken; it finds the request by itself");
  });
}
