/**
 * A bounded pool of sandbox children. A child belongs to one project and one version of its script; it is ended and never given to another.
 *
 * Each project with work has its own lane. Lanes without a child come first. Such a lane gets a free slot, else that of an idle child, else that of a
 * lane with several children, else that of the lane that has held its only child longest. So no project can block the others. But no lane loses its
 * only child before its turn is over: a start costs as much as hundreds of pages, and many projects with few pages would only start children.
 */
import { MIB } from "../core/protocol/byte-units.ts";
import { toTaskError } from "../core/protocol/errors.ts";
import type { FetchedPage } from "../core/protocol/messages.ts";
import type { Log } from "../core/runtime/log.ts";
import { type ChildCode, childCode } from "./child-code.ts";
import { confinementHere } from "./confinement/confinement.ts";
import { SandboxError } from "./errors.ts";
import { failedResult, frameOf, type Job, type SandboxRun } from "./job.ts";
import { nextAverage, pipelineDepth } from "./pipeline.ts";
import { Worker, type WorkerEvents } from "./worker.ts";

export { prepareChildCode } from "./child-code.ts";
export { failedResult, type SandboxResult, type SandboxRun } from "./job.ts";

export interface SandboxPoolOptions {
  /** Maximum number of processes, at least 1. */
  children: number;
  /** For one callback, unless the task sets another limit. */
  processLimitMs: number;
  /** Resident memory of one child. A child at rest takes 70 MiB of it. */
  memoryLimitBytes: number;
  /** While it returns true, further answers stay with the children. Default: never. */
  isFull?: () => boolean;
  /** Called with the size of the children's output. */
  onBytes?: (bytes: number) => void;
  log: Log;
}

export interface SandboxTask extends FetchedPage {
  /** From `compileScript`; its hash is `order.scriptHash`. */
  compiled: string;
}

export interface SandboxPool extends AsyncDisposable {
  /** Runs the task's callback. The result contains the script's errors; rejects only when the pool is closed. A task may run more than once. */
  run(task: SandboxTask): Promise<SandboxRun>;
  /** Ends all children; unfinished tasks are rejected. */
  close(): Promise<void>;
}

const CHECK_MS = 50;
const IDLE_MS = 60_000;
/** How long a project keeps a child while others wait for one: several times the start time. */
const TURN_MS = 1_000;
/** A lane is behind if its children need longer than this for the waiting tasks. */
const BACKLOG_MS = 50;
/** Until it is warm, a child costs as much as a thousand plain pages. So a lane must be behind for this long before another child is started. */
const BEHIND_MS = 1_000;
const GUESSED_TASK_MS = 2;
const STARTS_TRIED = 3;
const BATCH_BYTES = 8 * MIB;

interface Lane {
  readonly key: string;
  readonly project: string;
  readonly compiled: string;
  readonly workers: Set<Worker>;
  waiting: Job[];
  averageMs: number | undefined;
  /** Since when it has been behind without interruption. */
  behindSince: number | undefined;
  failedStarts: number;
}

/** Starts no child before the first task. */
export function createSandboxPool(options: SandboxPoolOptions): SandboxPool {
  return new Pool(options);
}

class Pool implements SandboxPool {
  readonly #options: SandboxPoolOptions;
  readonly #lanes = new Map<string, Lane>();
  #code: ChildCode | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isPumpDue = false;
  #isClosed = false;

  constructor(options: SandboxPoolOptions) {
    this.#options = options;
  }

  async run(task: SandboxTask): Promise<SandboxRun> {
    this.#code ??= await childCode();
    const frame = frameOf(task, this.#options.processLimitMs);
    const { promise, resolve, reject } = Promise.withResolvers<SandboxRun>();
    if (this.#isClosed) throw closed();
    this.#laneFor(task).waiting.push({
      ...{ callback: task.order.process.callback, page: task.page, frame, reject },
      resolve: (result, answerBytes = 0) => resolve({ ...result, answerBytes }),
    });
    this.#pumpSoon();
    return promise;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const lane of this.#lanes.values()) {
      for (const job of lane.waiting.splice(0)) job.reject(closed());
      for (const worker of lane.workers) worker.kill();
    }
    clearInterval(this.#timer);
    await Promise.all([...this.#lanes.values()].flatMap((lane) => [...lane.workers].map((worker) => worker.ended)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #laneFor({ order, compiled }: SandboxTask): Lane {
    const key = `${order.project} ${order.scriptHash}`;
    let lane = this.#lanes.get(key);
    if (!lane) {
      lane = {
        key,
        project: order.project,
        compiled,
        workers: new Set(),
        waiting: [],
        averageMs: undefined,
        behindSince: undefined,
        failedStarts: 0,
      };
      this.#lanes.set(key, lane);
    }
    return lane;
  }

  /** Once for all tasks of one turn of the event loop, so that they are sent in one write. */
  #pumpSoon(): void {
    if (this.#isPumpDue || this.#isClosed) return;
    this.#isPumpDue = true;
    setImmediate(() => {
      this.#isPumpDue = false;
      if (!this.#isClosed) this.#pump();
    });
  }

  #pump(): void {
    for (const lane of this.#lanes.values()) for (const worker of lane.workers) feed(lane, worker);
    const backlogged = [...this.#lanes.values()].filter((lane) => lane.waiting.length > 0);
    const without = backlogged.filter((lane) => lane.workers.size === 0);
    const now = performance.now();
    const behind = [...this.#lanes.values()].filter((lane) => hasLongBeenBehind(lane, now));
    for (const lane of [...without, ...behind]) {
      if (this.#workers().length >= this.#options.children) break;
      this.#start(lane);
    }
    const places = this.#workers().filter(({ worker }) => worker.isRetiring).length;
    if (this.#workers().length < this.#options.children) return;
    for (const _lane of without.filter((lane) => lane.workers.size === 0).slice(places)) this.#makeRoom();
  }

  #workers(): { lane: Lane; worker: Worker }[] {
    return [...this.#lanes.values()].flatMap((lane) => [...lane.workers].map((worker) => ({ lane, worker })));
  }

  #makeRoom(): void {
    const staying = this.#workers().filter(({ worker }) => !worker.isRetiring);
    const hadTurn = staying.filter(({ worker }) => performance.now() - worker.readyAt > TURN_MS);
    const idle = hadTurn.filter(({ worker }) => worker.held === 0).sort((a, b) => a.worker.movedAt - b.worker.movedAt);
    const spare = staying.filter(({ lane }) => lane.workers.size > 1).sort((a, b) => b.lane.workers.size - a.lane.workers.size);
    const longest = hadTurn.sort((a, b) => a.worker.readyAt - b.worker.readyAt);
    (idle[0] ?? spare[0] ?? longest[0])?.worker.retire();
  }

  #start(lane: Lane): void {
    const events = {
      onProgress: (worker: Worker, milliseconds: number[]) => {
        lane.failedStarts = 0;
        for (const ms of milliseconds) lane.averageMs = nextAverage(lane.averageMs, ms);
        feed(lane, worker);
        if (worker.held === 0) this.#pumpSoon();
      },
      onEnd: (worker: Worker, jobs: Job[], failedStart?: string) => this.#removeWorker(lane, worker, { jobs, failedStart }),
    };
    const worker = this.#createWorker(lane, events);
    if (!worker) return;
    lane.workers.add(worker);
    this.#timer ??= setInterval(() => this.#check(), CHECK_MS);
    feed(lane, worker);
  }

  /** Undefined if the system cannot start another process. */
  #createWorker(lane: Lane, events: WorkerEvents): Worker | undefined {
    try {
      const { memoryLimitBytes, isFull = () => false, onBytes = () => {} } = this.#options;
      return new Worker(this.#code as ChildCode, lane.compiled, { memoryLimitBytes, isFull, onBytes, events });
    } catch (error) {
      this.#countFailedStart(lane, `could not be started: ${(error as Error).message}`);
      this.#forgetIdle(lane);
      this.#pumpSoon();
      return undefined;
    }
  }

  #removeWorker(lane: Lane, worker: Worker, { jobs, failedStart }: { jobs: Job[]; failedStart: string | undefined }): void {
    lane.workers.delete(worker);
    if (this.#isClosed) {
      for (const job of jobs) job.reject(closed());
      return;
    }
    lane.waiting.unshift(...jobs);
    if (failedStart !== undefined) this.#countFailedStart(lane, failedStart);
    this.#forgetIdle(lane);
    this.#pumpSoon();
  }

  #forgetIdle(lane: Lane): void {
    if (lane.waiting.length === 0 && lane.workers.size === 0) this.#lanes.delete(lane.key);
  }

  #countFailedStart(lane: Lane, how: string): void {
    this.#options.log.warn({ project: lane.project, how }, "a sandbox child did not start");
    // A running child continues with the work; another start is tried when the lane has been behind as long again.
    if (lane.workers.size > 0) {
      lane.behindSince = undefined;
      return;
    }
    void confinementHere();
    if (++lane.failedStarts < STARTS_TRIED) return;
    lane.failedStarts = 0;
    for (const job of lane.waiting.splice(0)) job.resolve(failedResult(toTaskError(new SandboxError(how)), 0));
  }

  #check(): void {
    const now = performance.now();
    const workers = this.#workers();
    for (const { lane, worker } of workers) {
      worker.check(now);
      if (worker.held === 0 && worker.isReady && now - worker.movedAt > IDLE_MS) worker.retire();
      // Its tasks run again elsewhere; a lane's only child may finish its tasks.
      if (worker.isRetiring && lane.workers.size > 1 && now - worker.movedAt > TURN_MS) worker.kill();
    }
    if (workers.length === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.#pumpSoon();
  }
}

/** Refills a worker when half of its pipeline is empty: fewer and larger writes. */
function feed(lane: Lane, worker: Worker): void {
  const depth = pipelineDepth(lane.averageMs);
  if (worker.isRetiring || lane.waiting.length === 0 || worker.held > depth / 2) return;
  const batch: Job[] = [];
  let bytes = worker.heldBytes;
  while (batch.length + worker.held < depth && bytes < BATCH_BYTES) {
    const job = lane.waiting.shift();
    if (!job) break;
    batch.push(job);
    bytes += job.page.content.byteLength;
  }
  if (batch.length > 0) worker.give(batch);
}

/** Updates `behindSince`, so call it at every turn. */
function hasLongBeenBehind(lane: Lane, now: number): boolean {
  const isStarting = lane.workers.size === 0 || [...lane.workers].some((worker) => !worker.isReady);
  const workMs = (lane.waiting.length * (lane.averageMs ?? GUESSED_TASK_MS)) / Math.max(1, lane.workers.size);
  lane.behindSince = isStarting || workMs <= BACKLOG_MS ? undefined : (lane.behindSince ?? now);
  return lane.behindSince !== undefined && now - lane.behindSince > BEHIND_MS;
}

const closed = () => new Error("the sandbox pool is closed");
