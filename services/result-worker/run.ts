import { setTimeout as delay } from "node:timers/promises";
import { CrawlerError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Outcome } from "../core/messages.ts";
import type { Completion, Queues } from "../core/queue.ts";
import { storeOutcomes } from "../core/store/results.ts";
import type { Database } from "../core/store/sql.ts";
import type { ResultWorkerSettings } from "./env.ts";
import { type OutcomeLease, type Stored, storeBatch, withoutPoison } from "./store-batch.ts";
import { backOffMs, classifyStoreFailure } from "./store-failure.ts";

const LEASE_WAIT_MS = 1_000;
/** Of large outcomes, one at a time or a few: each is in memory a dozen times while it is stored. */
const MAX_BYTES = 2 * 1_048_576;

export interface ResultWorkerOptions {
  queues: Queues;
  database: Database;
  settings: ResultWorkerSettings;
  signal: AbortSignal;
  log: Log;
  /** Called with the size of the results of every batch. */
  onBytes?: (bytes: number) => void;
}

/**
 * Stores the results of finished tasks and passes their outcomes on to the scheduler, until `signal` aborts; then it finishes the batch it holds.
 *
 * At least once: an outcome leaves its queue, in one step with what goes to the scheduler, only after its rows are committed; storing
 * twice changes nothing. While Postgres or the queue server is away it waits and tries again. Rejects on a bug, or when the database is gone for good.
 */
export async function runResultWorker(options: ResultWorkerOptions): Promise<void> {
  const { signal, log, queues } = options;
  while (!signal.aborted) {
    const taken = await untilItWorks(() => leaseBatch(options), options);
    if (!taken || taken.length === 0) continue;
    options.onBytes?.(resultBytes(taken));
    const leases = taken.map(withoutPoison);
    const stored = await untilItWorks(() => storeBatch(leases, (outcomes) => store(options.database, outcomes)), options);
    if (!stored) {
      await queues.release(leases).catch((error) => log.warn({ err: error }, "leases were not given back; they run out by themselves"));
      continue;
    }
    reportDead(stored, taken, log);
    await untilItWorks(() => queues.complete(stored.map(toCompletion)), options);
  }
}

const resultBytes = (leases: OutcomeLease[]) =>
  leases.reduce((sum, { message }) => (message.results ?? []).reduce((rows, row) => rows + row.length, sum), 0);

const store = (database: Database, outcomes: Outcome[]) => storeOutcomes(database, outcomes, Date.now() / 1_000);

/** One transaction costs about the same for one outcome as for many, so a batch that is not full waits a moment for more. */
async function leaseBatch({ queues, settings, signal }: ResultWorkerOptions): Promise<OutcomeLease[]> {
  const first = await queues.lease("processor2result", { max: settings.batch, maxBytes: MAX_BYTES, waitMs: LEASE_WAIT_MS, signal });
  if (first.length === 0 || first.length >= settings.batch || signal.aborted) return first;
  await delay(settings.lingerMs);
  const more = await queues
    .lease("processor2result", { max: settings.batch - first.length, maxBytes: 0, waitMs: 0, signal })
    .catch(() => []);
  return [...first, ...more];
}

function toCompletion({ lease, forward }: Stored): Completion {
  return { lease, puts: forward ? [{ queue: "status_queue", message: forward }] : [] };
}

/** What has become dead here. */
function reportDead(stored: Stored[], taken: OutcomeLease[], log: Log): void {
  const wasDead = new Set(taken.flatMap(({ id, message }) => (message.dead ? [id] : [])));
  for (const { lease, forward } of stored) {
    if (forward?.dead && !wasDead.has(lease.id)) log.error({ project: forward.project, taskid: forward.taskid }, forward.dead.reason);
  }
}

/** Repeats `work` while its failure is a passing one. Undefined when `signal` aborted before it worked. */
async function untilItWorks<T>(work: () => Promise<T>, { signal, log }: ResultWorkerOptions): Promise<T | undefined> {
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      if (classifyStoreFailure(error) !== "passing") throw error;
      if (signal.aborted) return undefined;
      log.warn(error instanceof CrawlerError ? { reason: error.message } : { err: error }, `trying again in ${backOffMs(failures)} ms`);
      await delay(backOffMs(failures), undefined, { signal }).catch(() => {});
    }
  }
}
