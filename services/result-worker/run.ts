import { MIB } from "../core/protocol/byte-units.ts";
import type { Outcome } from "../core/protocol/messages.ts";
import { LeaseBatcher } from "../core/queue/lease-batcher.ts";
import type { Put, Queues } from "../core/queue/queue.ts";
import type { Log } from "../core/runtime/log.ts";
import type { Database } from "../core/store/sql.ts";
import type { ResultWorkerSettings } from "./env.ts";
import { storeOutcomes } from "./results.ts";
import { type OutcomeLease, storeBatch, withoutPoison } from "./store-batch.ts";
import { classifyStoreFailure } from "./store-failure.ts";

/** Few large outcomes at a time: each is in memory a dozen times while it is stored. */
const MAX_BYTES = 2 * MIB;

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
 * Stores the results of finished tasks and passes their outcomes on to the scheduler, until `signal` aborts. Then it finishes its current batch,
 * or releases it at the drain limit.
 *
 * At least once: an outcome leaves its queue, in one step with the message to the scheduler, only after its rows are committed. Storing twice
 * changes nothing. While Postgres or the queue server is unavailable it waits and retries. Rejects on a bug, or when the database is gone permanently.
 */
export async function runResultWorker(options: ResultWorkerOptions): Promise<void> {
  const { batch, lingerMs } = options.settings;
  const batcher = new LeaseBatcher({
    queues: options.queues,
    queue: "processor2result",
    log: options.log,
    signal: options.signal,
    isTransient: (error) => classifyStoreFailure(error) === "passing",
  });
  await batcher.run({
    // One batch at a time. One transaction costs about the same for one outcome as for many, so a batch that is not full waits briefly for more.
    limits: (held) => ({ max: held.leases === 0 ? batch : 0, maxBytes: MAX_BYTES, lingerMs }),
    work: (taken) => work(taken, options, batcher),
  });
}

async function work(taken: OutcomeLease[], options: ResultWorkerOptions, batcher: LeaseBatcher<"processor2result">): Promise<void> {
  const { database, log, onBytes } = options;
  onBytes?.(resultBytes(taken));
  const leases = taken.map(withoutPoison);
  const stored = await batcher.retry(() => storeBatch(leases, (outcomes) => store(database, outcomes)));
  if (!stored) return batcher.release(taken);
  for (const [index, { forward }] of stored.entries()) {
    const lease = taken[index] as OutcomeLease;
    // Outcomes of quarantined messages; those that were dead already are reported.
    if (forward?.dead && !lease.message.dead) log.error({ project: forward.project, taskid: forward.taskid }, forward.dead.reason);
    batcher.add(lease, putsOf(forward));
  }
}

const resultBytes = (leases: OutcomeLease[]) =>
  leases.reduce((sum, { message }) => (message.results ?? []).reduce((rows, row) => rows + row.length, sum), 0);

const store = (database: Database, outcomes: Outcome[]) => storeOutcomes(database, outcomes, Date.now() / 1_000);

/** The message to the scheduler, unless the outcome is stale. */
const putsOf = (forward: Outcome | undefined): Put[] => (forward ? [{ queue: "status_queue", message: forward }] : []);
