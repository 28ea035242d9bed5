import { type CrawlerError, toTaskError } from "../core/protocol/errors.ts";
import type { Outcome } from "../core/protocol/messages.ts";
import { PoisonTaskError } from "../core/queue/errors.ts";
import { type Lease, MAX_DELIVERIES } from "../core/queue/queue.ts";
import { ResultRefusedError } from "./errors.ts";
import { classifyStoreFailure } from "./store-failure.ts";

export type OutcomeLease = Lease<"processor2result">;

/** Stores outcomes in one transaction; true for each that goes on to the scheduler, false for a stale one. */
export type Store = (outcomes: Outcome[]) => Promise<boolean[]>;

/** The message to the scheduler for one lease; undefined if the outcome is stale. */
export interface Stored {
  lease: OutcomeLease;
  forward: Outcome | undefined;
}

/**
 * Stores a batch. If the database refuses the data of one outcome, the batch is halved until that outcome is found (log2 of the batch
 * transactions). It is stored as a failed one without its data, and all others are stored unchanged. Resolves in the order of `leases`.
 *
 * Rejects with the store's error if the data did not cause it; nothing is lost then, and the same batch may be stored again.
 */
export async function storeBatch(leases: OutcomeLease[], store: Store): Promise<Stored[]> {
  try {
    const current = await store(leases.map(({ message }) => message));
    return leases.map((lease, index) => ({ lease, forward: current[index] ? withoutData(lease.message) : undefined }));
  } catch (error) {
    if (classifyStoreFailure(error) !== "data") throw error;
    return leases.length === 1 ? storeDead(leases, store, error) : storeHalves(leases, store);
  }
}

/** What the scheduler needs. */
function withoutData({ keptPage: _, ...outcome }: Outcome): Outcome {
  return { ...outcome, results: null };
}

async function storeHalves(leases: OutcomeLease[], store: Store): Promise<Stored[]> {
  const middle = leases.length >> 1;
  const first = await storeBatch(leases.slice(0, middle), store);
  return [...first, ...(await storeBatch(leases.slice(middle), store))];
}

async function storeDead(leases: OutcomeLease[], store: Store, cause: unknown): Promise<Stored[]> {
  const dead = leases.map((lease) => deadOutcome(lease, refusal(lease.message, cause)));
  const current = await store(dead);
  return leases.map((lease, index) => ({ lease, forward: current[index] ? dead[index] : undefined }));
}

/** The lease unchanged, or with a failed outcome without data if every worker crashed on it. */
export function withoutPoison(lease: OutcomeLease): OutcomeLease {
  if (lease.deliveries <= MAX_DELIVERIES || lease.message.dead) return lease;
  const error = new PoisonTaskError(lease.queue, lease.deliveries, "every result-worker that took it crashed");
  return { ...lease, message: deadOutcome(lease, error) };
}

function refusal({ results }: Outcome, cause: unknown): ResultRefusedError {
  const bytes = (results ?? []).reduce((sum, row) => sum + row.length, 0);
  return new ResultRefusedError({ rows: results?.length ?? 0, bytes }, cause);
}

/** The outcome of a run whose data cannot be stored: failed permanently, without any of that data. */
function deadOutcome({ message, deliveries }: Pick<OutcomeLease, "message" | "deliveries">, reason: CrawlerError): Outcome {
  const { stored: _stored, info: _info, keptPage: _keptPage, ...rest } = message;
  const error = toTaskError(reason);
  return {
    ...rest,
    process: { ...message.process, ok: false, error, logs: "" },
    results: null,
    follows: [],
    messages: [],
    dead: { queue: "processor2result", deliveries, reason: error.message },
  };
}
