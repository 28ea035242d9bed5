import { randomUUID } from "node:crypto";
import { CrawlerError, toTaskError } from "../core/protocol/errors.ts";
import { isWorthKeeping, packPage } from "../core/protocol/kept-page.ts";
import type { FetchedPage, Outcome } from "../core/protocol/messages.ts";
import { LeaseBatcher } from "../core/queue/lease-batcher.ts";
import { type Lease, MAX_DELIVERIES, type Queues } from "../core/queue/queue.ts";
import type { Log } from "../core/runtime/log.ts";
import { createSandboxPool, failedResult, type SandboxPool, type SandboxRun } from "../sandbox/sandbox.ts";
import { toAnswer } from "./debug-answer.ts";
import type { ProcessorSettings } from "./env.ts";
import { ScriptHashError, ScriptMissingError } from "./errors.ts";
import { isFullOfAnswers, leaseMax, roomBytes } from "./hold-limits.ts";
import { toOutcome } from "./outcome.ts";
import { matchesHash, SCRIPT_WAIT_MS, ScriptSource } from "./script-source.ts";

export interface ProcessorOptions {
  queues: Queues;
  settings: ProcessorSettings;
  signal: AbortSignal;
  log: Log;
  /** Called with the size of every received page, and of every answer when it is received and when it was sent. */
  onBytes?: (bytes: number) => void;
}

type PageLease = Lease<"fetcher2processor">;

interface Processor extends ProcessorOptions {
  pool: SandboxPool;
  scripts: ScriptSource;
  batcher: LeaseBatcher<"fetcher2processor">;
  /** The pages received so far. */
  seen: { pages: number; bytes: number };
  /** The prefix of the names of all runs of this process. */
  runPrefix: string;
}

const pageBytes = ({ page }: PageLease["message"]): number => page.content.byteLength;

/**
 * Runs the scripts' callbacks on fetched pages until `signal` aborts; then finishes what it can within the drain limit and releases the rest.
 *
 * At least once: a page leaves its queue in one step with its outcome. Every page produces an outcome, whatever its script does.
 * Rejects on a bug.
 */
export async function runProcessor(options: ProcessorOptions): Promise<void> {
  const { queues, settings, onBytes = () => {}, log, signal } = options;
  const { scriptProcesses, scriptMemoryBytes, processLimitMs } = settings;
  const batcher = new LeaseBatcher({ queues, queue: "fetcher2processor", log, signal, bytesOf: pageBytes, onSent: onBytes });
  await using pool = createSandboxPool({
    children: scriptProcesses,
    memoryLimitBytes: scriptMemoryBytes,
    processLimitMs,
    isFull: () => isFullOfAnswers(batcher.held),
    onBytes,
    log,
  });
  const seen = { pages: 0, bytes: 0 };
  const processor = { ...options, pool, batcher, seen, scripts: new ScriptSource(queues), runPrefix: randomUUID() };
  await batcher.run({
    limits: (held) => ({ max: leaseMax(held, seen.pages === 0 ? undefined : seen.bytes / seen.pages), maxBytes: roomBytes(held) }),
    work: (leases) => Promise.all(leases.map((lease) => work(lease, processor))),
  });
}

async function work(lease: PageLease, processor: Processor): Promise<void> {
  const { batcher, queues, seen, onBytes, runPrefix } = processor;
  const bytes = pageBytes(lease.message);
  seen.pages++;
  seen.bytes += bytes;
  onBytes?.(bytes);
  const run = `${runPrefix}-${seen.pages}`;
  if (lease.deliveries > MAX_DELIVERIES) return batcher.deadLetter(lease, "every processor that took it crashed");
  const ran = await process(lease, processor);
  if (!ran) return batcher.release([lease]);
  const { answerBytes, ...result } = ran;
  const { step } = lease.message.order;
  if (step !== undefined) {
    await batcher.retry(() => queues.putAnswer(step.id, toAnswer(lease.message.page, result)));
    return batcher.add(lease, []);
  }
  const { keptPage, keptBytes } = await pageToKeep(lease.message);
  const message = { ...toOutcome(lease.message, result, run), ...keptPage };
  batcher.add(lease, [{ queue: "processor2result", message }], answerBytes + keptBytes);
}

async function pageToKeep({ order, page }: FetchedPage): Promise<{ keptPage?: Pick<Outcome, "keptPage">; keptBytes: number }> {
  const packed = order.keepsPage && isWorthKeeping(page, order.fetch) ? await packPage(page) : undefined;
  return packed === undefined ? { keptBytes: 0 } : { keptPage: { keptPage: packed }, keptBytes: packed.length };
}

/** Undefined if the work was cancelled. */
async function process(lease: PageLease, processor: Processor): Promise<SandboxRun | undefined> {
  const { pool, signal } = processor;
  const script = await findScript(lease, processor);
  if (script === undefined) return undefined;
  if (script instanceof CrawlerError) return { ...failedResult(toTaskError(script), 0), answerBytes: 0 };
  try {
    return await pool.run({ ...lease.message, compiled: script });
  } catch (error) {
    // The pool closes after the drain limit, and the page was released.
    if (signal.aborted) return undefined;
    throw error;
  }
}

/** The task's script, or why the task fails without it; undefined if the work was cancelled. */
async function findScript({ message }: PageLease, { scripts, batcher, log }: Processor): Promise<string | CrawlerError | undefined> {
  const { project, taskid, scriptHash, step } = message.order;
  if (step !== undefined) return matchesHash(step.compiled, scriptHash) ? step.compiled : new ScriptHashError(scriptHash);
  return await batcher.retry(async () => {
    try {
      return (await scripts.get(scriptHash)) ?? new ScriptMissingError(project, scriptHash, SCRIPT_WAIT_MS);
    } catch (error) {
      if (!(error instanceof ScriptHashError)) throw error;
      log.error({ project, taskid, scriptHash }, error.message);
      return error;
    }
  });
}
