import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../core/log.ts";
import { type Lease, MAX_DELIVERIES, type Queues } from "../core/queue.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";
import { createFetcher, type Fetcher } from "./fetcher.ts";
import { Handover } from "./handover.ts";
import type { FetcherSettings } from "./settings.ts";

const LEASE_WAIT_MS = 1_000;
/** Of the drain limit, what is kept for giving back the rest. */
const RELEASE_MS = 1_000;

export interface FetcherOptions {
  queues: Queues;
  settings: FetcherSettings;
  signal: AbortSignal;
  log: Log;
  /** One that is shared with `POST /fetch`; by default one of its own. */
  fetcher?: Fetcher;
}

type OrderLease = Lease<"scheduler2fetcher">;

/**
 * Fetches what the scheduler orders, `settings.concurrency` pages at a time, until `signal` aborts; then finishes what it can within the drain limit
 * and gives back the rest.
 *
 * At least once: an order leaves its queue in one step with the page that came of it. Every order gives a page, with status 599 if need be. Rejects on a bug.
 */
export async function runFetcher(options: FetcherOptions): Promise<void> {
  await using own = options.fetcher ? undefined : createFetcher(options.settings);
  const fetcher = options.fetcher ?? own;
  if (!fetcher) throw new Error("there is always a fetcher");
  const handover = new Handover(options);
  await Promise.race([leaseUntilAborted({ ...options, fetcher }, handover), handover.failed]);
  await Promise.race([handover.idle(), handover.failed, delay(TIME_LIMITS.drainMs - RELEASE_MS)]);
  await giveBack(handover.abandon(), options);
}

async function leaseUntilAborted(options: FetcherOptions & { fetcher: Fetcher }, handover: Handover): Promise<void> {
  const { queues, settings, signal } = options;
  while (!signal.aborted) {
    const max = settings.concurrency - handover.heldCount;
    if (max < 1) {
      await handover.roomMade();
      continue;
    }
    const leases = await queues.lease("scheduler2fetcher", { max, waitMs: LEASE_WAIT_MS, signal });
    if (signal.aborted) return giveBack(leases, options);
    for (const lease of leases) void work(lease, options, handover);
  }
}

async function work(lease: OrderLease, { fetcher }: { fetcher: Fetcher }, handover: Handover): Promise<void> {
  const allowance = fetcher.openAllowance();
  handover.hold(lease, allowance);
  if (lease.deliveries > MAX_DELIVERIES) return handover.giveUp(lease, "every fetcher that took it died of it");
  const page = await fetcher.fetch(lease.message, allowance);
  handover.add(lease, page);
}

async function giveBack(leases: OrderLease[], { queues, log }: FetcherOptions): Promise<void> {
  if (leases.length === 0) return;
  log.info({ orders: leases.length }, "given back unfinished");
  await Promise.race([queues.release(leases), delay(RELEASE_MS)]).catch((error) =>
    log.warn({ err: error }, "orders were not given back; their leases run out by themselves"),
  );
}
