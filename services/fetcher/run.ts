import type { FetchedPage, FetchOrder } from "../core/protocol/messages.ts";
import { LeaseBatcher } from "../core/queue/lease-batcher.ts";
import { type Lease, MAX_DELIVERIES, type Queues } from "../core/queue/queue.ts";
import type { Log } from "../core/runtime/log.ts";
import type { BudgetLease } from "./body-budget.ts";
import { createFetcher, type Fetcher } from "./fetcher.ts";
import { openKeptPage } from "./kept-page.ts";
import type { FetcherSettings } from "./settings.ts";

/** Long enough to batch pages that end at about the same time, far shorter than a page takes. */
const GATHER_MS = 4;

export interface FetcherOptions {
  queues: Queues;
  settings: FetcherSettings;
  signal: AbortSignal;
  log: Log;
  /** A fetcher that is shared with `POST /fetch`; by default a separate one. */
  fetcher?: Fetcher;
}

/**
 * Fetches the scheduler's orders, `settings.concurrency` pages at a time, until `signal` aborts; then finishes what it can within the drain limit
 * and releases the rest.
 *
 * At least once: an order leaves its queue in one step with its page. Every order produces a page, with status 599 if necessary. Rejects on a bug.
 */
export async function runFetcher(options: FetcherOptions): Promise<void> {
  await using own = options.fetcher ? undefined : createFetcher(options.settings);
  const fetcher = options.fetcher ?? own;
  if (!fetcher) throw new Error("there is always a fetcher");
  const batcher = new LeaseBatcher({ ...options, queue: "scheduler2fetcher", gatherMs: GATHER_MS });
  await batcher.run({
    limits: (held) => ({ max: options.settings.concurrency - held.leases }),
    work: (leases) => Promise.all(leases.map((lease) => work(lease, fetcher, batcher))),
  });
}

/** The page's bytes stay charged until the queue has accepted the page. */
async function work(lease: Lease<"scheduler2fetcher">, fetcher: Fetcher, batcher: LeaseBatcher<"scheduler2fetcher">): Promise<void> {
  if (lease.deliveries > MAX_DELIVERIES) return batcher.deadLetter(lease, "every fetcher that took it crashed");
  const budgetLease = fetcher.openBudgetLease();
  batcher.onEnd(lease, () => budgetLease.release());
  const message = await pageOf(lease.message, fetcher, budgetLease);
  batcher.add(lease, [{ queue: "fetcher2processor", message }], message.page.content.length);
}

/** The page of an order: fetched, or the one that it brings. */
async function pageOf(order: FetchOrder, fetcher: Fetcher, budgetLease: BudgetLease): Promise<FetchedPage> {
  if (order.keptPage === undefined) return { order, page: await fetcher.fetch(order, budgetLease) };
  const { keptPage, ...rest } = order;
  return { order: rest, page: await openKeptPage(order.url, keptPage, budgetLease) };
}
