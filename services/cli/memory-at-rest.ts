import { setTimeout as delay } from "node:timers/promises";
import type { Queues } from "../core/queue/queue.ts";
import { garbageCollector } from "../core/runtime/garbage.ts";

const EVERY_MS = 5_000;
/** V8 drops the code of functions that were not called between some collections. */
const COLLECTIONS = 4;

/** Whether any task is between two roles, or in one. */
export async function hasMessages(queues: Queues): Promise<boolean> {
  return Object.values(await queues.depth()).some(({ ready, leased }) => ready + leased > 0);
}

/**
 * Collects garbage a few times whenever work has ended, until `signal` aborts. V8 leaves that to the next allocations, of which a process at rest has
 * few: after the start it holds 27 MiB, and after a crawl more.
 */
export async function freeMemoryAtRest(queues: Queues, signal: AbortSignal): Promise<void> {
  const collect = garbageCollector();
  for (let collections = 0; ; ) {
    await delay(EVERY_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
    if (await hasMessages(queues)) collections = 0;
    else if (collections++ < COLLECTIONS) collect();
  }
}
