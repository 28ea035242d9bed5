import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { MIB } from "../core/protocol/byte-units.ts";
import { RUN_LIMITS } from "../sdk/run-limits.ts";
import { BOOTSTRAP, type ChildCode } from "./child-code.ts";
import { confine } from "./confinement/confinement.ts";
import {
  ANSWER_HEADER_BYTES,
  type AnswerFrame,
  answerFrameBytesWithin,
  decodeAnswer,
  encodeTasks,
  FrameCutter,
  type TaskFrame,
} from "./frames.ts";

/** The third wall: Node's permission model without permissions, and features off that it does not cover. */
export const SANDBOX_FLAGS = [
  "--permission",
  "--no-experimental-sqlite",
  "--no-experimental-ffi",
  "--no-addons",
  "--no-warnings",
  "--frozen-intrinsics",
  "--disallow-code-generation-from-strings",
];
/** V8 keeps three such spaces for the young heap. Larger ones make pages faster by 2 % at most. */
const SEMI_SPACE_MIB = 4;
/** A child at rest has 70 MiB, the young heap 12, and the rest is for a page and its answer as bytes. Garbage must not look like a memory bomb. */
const NOT_OLD_HEAP_BYTES = 104 * MIB;
const MIN_HEAP_MIB = 32;
const STDERR_KEPT = 4_000;
/** As the roles' image sets them. Otherwise glibc retains freed buffers: after some pages of 8 MiB, 45 MiB that count as the script's memory. */
const ENVIRONMENT = { MALLOC_ARENA_MAX: "1", MALLOC_MMAP_THRESHOLD_: "131072" };

export interface ChildEvents {
  onReady(): void;
  /** In the order of the tasks sent. */
  onAnswers(answers: AnswerFrame[]): void;
  /** With the size of the child's output. */
  onBytes(bytes: number): void;
  /** While it returns true, the child's output stays in its pipe, and the child blocks once the pipe is full. */
  isFull(): boolean;
  /** Called once, for any cause. `how` completes "the process …". */
  onEnd(end: { how: string; isOutOfHeap: boolean }): void;
}

/** One sandbox child with its script loaded. The caller keeps the order of tasks and decides when to end it. */
export class SandboxChild {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #events: ChildEvents;
  readonly #cutter = new FrameCutter(ANSWER_HEADER_BYTES, answerFrameBytesWithin(RUN_LIMITS.answerBytes));
  #isReady = false;
  #fault: string | undefined;
  #stderr = "";

  constructor(code: ChildCode, script: string, options: ChildEvents & { memoryLimitBytes: number }) {
    const heapMiB = Math.max(MIN_HEAP_MIB, Math.floor((options.memoryLimitBytes - NOT_OLD_HEAP_BYTES) / MIB));
    const limits = [`--max-old-space-size=${heapMiB}`, `--max-semi-space-size=${SEMI_SPACE_MIB}`];
    this.#events = options;
    this.#process = spawn(process.execPath, confine([...SANDBOX_FLAGS, ...limits, "-e", BOOTSTRAP], { readable: [], mayFork: false }), {
      env: ENVIRONMENT,
      cwd: "/",
      stdio: "pipe",
    });
    this.#process.on("error", (error) => this.#end(`could not be started: ${error.message}`));
    // Without a free file descriptor there is a process object without streams: the error event reports it.
    if (!this.#process.stdin) return;
    this.#process.stdin.on("error", () => {}); // The end of the process says more.
    this.#process.stdout.on("data", (chunk: Buffer) => this.#receive(chunk));
    this.#process.stderr.on("data", (chunk: Buffer) => {
      this.#stderr = (this.#stderr + chunk.toString("latin1")).slice(-STDERR_KEPT);
    });
    this.#process.on("close", (status, signal) =>
      this.#end(this.#fault ?? `ended by itself (${signal ?? `status ${status}`})${this.#lastWords()}`),
    );
    this.send([
      { text: code.main, body: Buffer.from(code.runtime), limitMs: 0 },
      { text: script, body: new Uint8Array(), limitMs: 0 },
    ]);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** Whether an answer waits for room. */
  get isPaused(): boolean {
    return this.#process.stdout?.isPaused() ?? false;
  }

  /** Continues reading. */
  resume(): void {
    this.#process.stdout.resume();
  }

  /** Sends tasks in one write. */
  send(tasks: TaskFrame[]): void {
    const { stdin } = this.#process;
    if (!stdin) return;
    stdin.cork();
    for (const piece of encodeTasks(tasks)) stdin.write(piece);
    stdin.uncork();
  }

  /** Ends the process immediately; `onEnd` follows. */
  kill(): void {
    this.#process.kill("SIGKILL");
    // The process counts as ended only when its pipes are closed.
    this.#process.stdout?.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.#fault) return;
    try {
      const answers = this.#cutter.push(chunk).map(decodeAnswer);
      if (!this.#isReady && answers.shift()) {
        this.#isReady = true;
        this.#events.onReady();
      }
      if (answers.length > 0) this.#events.onAnswers(answers);
      this.#events.onBytes(chunk.length);
      if (this.#events.isFull()) this.#process.stdout.pause();
    } catch (error) {
      this.#fault = `sent ${(error as Error).message}`;
      this.kill();
    }
  }

  /** Node's message about an unexpected end: `: Error: …`, or nothing. */
  #lastWords(): string {
    const words = /^\S*Error\b.*/m.exec(this.#stderr)?.[0];
    return words ? `: ${words}` : "";
  }

  #end(how: string): void {
    this.#events.onEnd({ how, isOutOfHeap: this.#stderr.includes("heap out of memory") });
  }
}
