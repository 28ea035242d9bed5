/**
 * A sandbox child and the jobs that it holds.
 *
 * starting -> ready -> ended. Only the first job without an answer can have caused an end, and only if the child was ready; the others are released.
 */
import { type CrawlerError, toTaskError } from "../core/protocol/errors.ts";
import { readAnswer } from "./answer.ts";
import type { ChildCode } from "./child-code.ts";
import { SandboxChild } from "./child-process.ts";
import { ScriptCrashError, ScriptMemoryError, ScriptTimeoutError } from "./errors.ts";
import type { AnswerFrame } from "./frames.ts";
import { failedResult, type Job, resultOf } from "./job.ts";
import { residentBytes } from "./memory.ts";

/** A start takes 0.1 s on an idle machine. */
const START_LIMIT_MS = 30_000;

export interface WorkerEvents {
  /** After each batch of answers. */
  onProgress(worker: Worker, milliseconds: number[]): void;
  /** `jobs` have no answer and did not cause the end; `isFailedStart` means that the child was never ready. */
  onEnd(worker: Worker, jobs: Job[], failedStart?: string): void;
}

export interface WorkerOptions {
  memoryLimitBytes: number;
  /** While it returns true, answers are not read. */
  isFull(): boolean;
  onBytes(bytes: number): void;
  events: WorkerEvents;
}

export class Worker {
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
  /** When it became able to run tasks; Infinity until then. */
  readyAt = Infinity;
  /** When it last started or ended a job. */
  movedAt = performance.now();
  /** Gets no more jobs and is ended once it holds no job. */
  isRetiring = false;
  readonly #child: SandboxChild;
  readonly #options: WorkerOptions;
  #held: Job[] = [];
  #verdict: ((job: Job) => CrawlerError) | undefined;
  #isEnded = false;
  readonly #markEnded: () => void;

  constructor(code: ChildCode, script: string, options: WorkerOptions) {
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#markEnded = resolve;
    this.#child = new SandboxChild(code, script, {
      memoryLimitBytes: options.memoryLimitBytes,
      isFull: options.isFull,
      onBytes: options.onBytes,
      onReady: () => {
        this.#move();
        this.readyAt = this.movedAt;
      },
      onAnswers: (answers) => this.#answer(answers),
      onEnd: (end) => this.#end(end),
    });
  }

  get held(): number {
    return this.#held.length;
  }

  /** Bytes of the pages that it holds. */
  get heldBytes(): number {
    return this.#held.reduce((sum, { page }) => sum + page.content.byteLength, 0);
  }

  get isReady(): boolean {
    return this.#child.isReady;
  }

  give(jobs: Job[]): void {
    if (this.#held.length === 0) this.#move();
    this.#held.push(...jobs);
    this.#child.send(jobs.map((job) => job.frame));
  }

  /** No more jobs; ends immediately if it holds none. */
  retire(): void {
    this.isRetiring = true;
    if (this.#held.length === 0) this.kill();
  }

  /** Ends the child without blaming a job. */
  kill(): void {
    this.isRetiring = true;
    this.#child.kill();
  }

  /** Enforces the child's limits; called every 50 ms. */
  check(now: number): void {
    const { memoryLimitBytes } = this.#options;
    const resident = this.#child.pid === undefined ? undefined : residentBytes(this.#child.pid);
    if (resident !== undefined && resident > memoryLimitBytes)
      this.#terminate(({ callback }) => new ScriptMemoryError(callback, memoryLimitBytes, resident));
    if (this.#child.isPaused) {
      this.#readOn();
      return;
    }
    const limitMs = this.isReady ? this.#held[0]?.frame.limitMs : START_LIMIT_MS;
    if (limitMs === undefined || now - this.movedAt <= limitMs) return;
    // An answer may have arrived while this process was busy: it is read first.
    const { movedAt } = this;
    setImmediate(() => {
      if (movedAt === this.movedAt) this.#terminate(({ callback, frame }) => new ScriptTimeoutError(callback, frame.limitMs));
    });
  }

  /** The time that an answer waited does not count for the script. */
  #readOn(): void {
    if (this.#options.isFull()) return;
    this.#move();
    this.#child.resume();
  }

  #terminate(verdict: (job: Job) => CrawlerError): void {
    this.#verdict ??= verdict;
    this.#child.kill();
  }

  #move(): void {
    this.movedAt = performance.now();
  }

  #answer(answers: AnswerFrame[]): void {
    if (this.#verdict) return;
    for (const { text, microseconds } of answers) {
      const job = this.#held[0];
      try {
        if (!job) throw new TypeError("an answer to nothing");
        job.resolve(resultOf(job, readAnswer(text), microseconds / 1_000), text.length);
        this.#held.shift();
      } catch (error) {
        this.#terminate(({ callback }) => new ScriptCrashError(callback, `sent an invalid answer: ${(error as Error).message}`));
        return;
      }
    }
    this.#move();
    this.#options.events.onProgress(
      this,
      answers.map(({ microseconds }) => microseconds / 1_000),
    );
    if (this.isRetiring && this.held === 0) this.kill();
  }

  #end({ how, isOutOfHeap }: { how: string; isOutOfHeap: boolean }): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#markEnded();
    const jobs = this.#held;
    this.#held = [];
    const { memoryLimitBytes, events } = this.#options;
    if (!this.isReady) {
      events.onEnd(this, jobs, this.isRetiring ? undefined : how);
      return;
    }
    const crash = ({ callback }: Job) =>
      isOutOfHeap ? new ScriptMemoryError(callback, memoryLimitBytes) : new ScriptCrashError(callback, how);
    const verdict = this.#verdict ?? (this.isRetiring ? undefined : crash);
    const failedJob = verdict && jobs.shift();
    if (failedJob && verdict) failedJob.resolve(failedResult(toTaskError(verdict(failedJob)), performance.now() - this.movedAt));
    events.onEnd(this, jobs);
  }
}
