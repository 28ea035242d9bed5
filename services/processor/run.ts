import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { toTaskError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { MAX_DELIVERIES, type Queues } from "../core/queue.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";
import { createSandboxPool, failedResult, type SandboxPool, type SandboxResult } from "../script/sandbox.ts";
import type { ProcessorSettings } from "./env.ts";
import { ScriptMissingError } from "./errors.ts";
import { leaseMax, roomBytes } from "./hold-limits.ts";
import { Outbox, type PageLease } from "./outbox.ts";
import { toOutcome } from "./outcome.ts";
import { SCRIPT_WAIT_MS, ScriptSource } from "./script-source.ts";

const LEASE_WAIT_MS = 1_000;
/** Of the drain limit, what is kept for giving back the rest. */
const RELEASE_MS = 1_000;

export interface ProcessorOptions {
  queues: Queues;
  settings: ProcessorSettings;
  signal: AbortSignal;
  log: Log;
  /** Called with the size of every page that comes. */
  onBytes?: (bytes: number) => void;
}

interface Processor extends ProcessorOptions {
  pool: SandboxPool;
  scripts: ScriptSource;
  outbox: Outbox;
  /** Begins the names of all runs of this process. */
  runPrefix: string;
}

/**
 * Runs the scripts' callbacks on fetched pages until `signal` aborts; then finishes what it can within the drain limit and gives back the rest.
 *
 * At least once: a page leaves its queue in one step with the outcome that came of it. Every page gives an outcome, whatever its script does.
 * Rejects on a bug.
 */
export async function runProcessor(options: ProcessorOptions): Promise<void> {
  const { queues, settings, log } = options;
  const { scriptProcesses, scriptMemoryBytes, processLimitMs } = settings;
  await using pool = createSandboxPool({ children: scriptProcesses, memoryLimitBytes: scriptMemoryBytes, processLimitMs, log });
  const outbox = new Outbox(options);
  const processor = { ...options, pool, outbox, scripts: new ScriptSource(queues), runPrefix: randomUUID() };
  await Promise.race([leaseUntilAborted(processor), outbox.failed]);
  await Promise.race([outbox.idle(), outbox.failed, delay(TIME_LIMITS.drainMs - RELEASE_MS, undefined, { ref: false })]);
  await giveBack(outbox.abandon(), options);
}

async function leaseUntilAborted(processor: Processor): Promise<void> {
  const { queues, signal, outbox, onBytes } = processor;
  let pages = 0;
  let bytes = 0;
  while (!signal.aborted) {
    const max = leaseMax(outbox.held, pages === 0 ? undefined : bytes / pages);
    if (max < 1) {
      await outbox.roomMade();
      continue;
    }
    const maxBytes = roomBytes(outbox.held);
    const leases = await outbox.untilItWorks(() => queues.lease("fetcher2processor", { max, maxBytes, waitMs: LEASE_WAIT_MS, signal }));
    if (!leases) return;
    for (const lease of leases) {
      outbox.hold(lease);
      pages++;
      bytes += lease.message.page.content.byteLength;
      onBytes?.(lease.message.page.content.byteLength);
    }
    if (signal.aborted) return;
    for (const lease of leases) void work(lease, `${processor.runPrefix}-${pages}-${lease.id}`, processor);
  }
}

async function work(lease: PageLease, run: string, processor: Processor): Promise<void> {
  const { outbox } = processor;
  if (lease.deliveries > MAX_DELIVERIES) return outbox.giveUp(lease, "every processor that took it died of it");
  try {
    const result = await process(lease, processor);
    if (result) outbox.add(lease, toOutcome(lease.message, result, run));
  } catch (error) {
    outbox.fail(error);
  }
}

/** Undefined when the work is not wanted any more. */
async function process({ message }: PageLease, { scripts, pool, outbox, signal }: Processor): Promise<SandboxResult | undefined> {
  const { project, scriptHash } = message.order;
  const found = await outbox.untilItWorks(async () => ({ compiled: await scripts.get(scriptHash) }));
  if (!found) return undefined;
  if (found.compiled === undefined) return failedResult(toTaskError(new ScriptMissingError(project, scriptHash, SCRIPT_WAIT_MS)), 0);
  try {
    return await pool.run({ ...message, compiled: found.compiled });
  } catch (error) {
    // The pool closes after the drain limit, and the page was given back.
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function giveBack(leases: PageLease[], { queues, log }: ProcessorOptions): Promise<void> {
  if (leases.length === 0) return;
  log.info({ pages: leases.length }, "given back unfinished");
  await Promise.race([queues.release(leases), delay(RELEASE_MS)]).catch((error) =>
    log.warn({ err: error }, "pages were not given back; their leases run out by themselves"),
  );
}
