import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { RUN_LIMITS } from "../api/run-limits.ts";
import {
  ANSWER_HEADER_BYTES,
  type AnswerFrame,
  answerFrameBytes,
  decodeAnswer,
  encodeTasks,
  FrameCutter,
  type TaskFrame,
} from "../frames.ts";
import { BOOTSTRAP, type ChildCode } from "./child-code.ts";

/** The third wall: Node's permission model without allowances, and everything off that it does not cover. */
export const SANDBOX_FLAGS = [
  "--permission",
  "--no-experimental-sqlite",
  "--no-experimental-ffi",
  "--no-addons",
  "--no-warnings",
  "--frozen-intrinsics",
  "--disallow-code-generation-from-strings",
];
/** Of the heap's young part, V8 keeps three such spaces. Larger ones make nothing faster here. */
const SEMI_SPACE_MIB = 8;
/** A child at rest has 70 MiB, the young heap 24, and some room is lost between. Garbage that V8 has not collected yet must not look like a bomb. */
const NOT_OLD_HEAP_BYTES = 112 * 1_048_576;
const LEAST_HEAP_MIB = 32;
const STDERR_KEPT = 4_000;

export interface ChildEvents {
  onReady(): void;
  /** In the order of the tasks sent. */
  onAnswers(answers: AnswerFrame[]): void;
  /** Once, however it came. `how` completes "the process …". */
  onEnd(end: { how: string; isOutOfHeap: boolean }): void;
}

/** One sandbox child with its script loaded. Whoever holds it keeps the order of tasks and decides when it must die. */
export class SandboxChild {
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #events: ChildEvents;
  readonly #cutter = new FrameCutter(ANSWER_HEADER_BYTES, answerFrameBytesWithin);
  #isReady = false;
  #fault: string | undefined;
  #stderr = "";

  constructor(code: ChildCode, script: string, options: ChildEvents & { memoryLimitBytes: number }) {
    const heapMiB = Math.max(LEAST_HEAP_MIB, Math.floor((options.memoryLimitBytes - NOT_OLD_HEAP_BYTES) / 1_048_576));
    const limits = [`--max-old-space-size=${heapMiB}`, `--max-semi-space-size=${SEMI_SPACE_MIB}`];
    this.#events = options;
    this.#process = spawn(process.execPath, [...SANDBOX_FLAGS, ...limits, "-e", BOOTSTRAP], {
      env: {},
      cwd: "/",
      stdio: "pipe",
    });
    this.#process.on("error", (error) => this.#end(`could not be started: ${error.message}`));
    // Without a file descriptor to spare there is a process object, but nothing to talk to: the error says so.
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

  /** Hands over tasks in one write. */
  send(tasks: TaskFrame[]): void {
    const { stdin } = this.#process;
    if (!stdin) return;
    stdin.cork();
    for (const piece of encodeTasks(tasks)) stdin.write(piece);
    stdin.uncork();
  }

  /** At once and for good; `onEnd` follows. */
  kill(): void {
    this.#process.kill("SIGKILL");
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
    } catch (error) {
      this.#fault = `sent ${(error as Error).message}`;
      this.kill();
    }
  }

  /** What Node says of an end that nobody asked for: `: Error: …`, or nothing. */
  #lastWords(): string {
    const words = /^\S*Error\b.*/m.exec(this.#stderr)?.[0];
    return words ? `: ${words}` : "";
  }

  #end(how: string): void {
    this.#events.onEnd({ how, isOutOfHeap: this.#stderr.includes("heap out of memory") });
  }
}

function answerFrameBytesWithin(header: Buffer): number {
  const bytes = answerFrameBytes(header);
  if (bytes > RUN_LIMITS.answerBytes + ANSWER_HEADER_BYTES) throw new RangeError(`an answer of ${bytes} bytes`);
  return bytes;
}
