/** The parent's side of the process that compiles. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { confine } from "../sandbox/confinement/confinement.ts";
import { ANSWER_HEADER_BYTES, answerFrameBytesWithin, decodeAnswer, encodeTasks, FrameCutter } from "../sandbox/frames.ts";
import { ANSWER_LIMIT_BYTES, type Bundled, decodeBundled } from "./bundled.ts";

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const require = createRequire(import.meta.url);
const ESBUILD = require.resolve("esbuild");
const BINARY = createRequire(ESBUILD).resolve(`@esbuild/${process.platform}-${process.arch}/bin/esbuild`);
/** All files that the process may read. It may start esbuild, and has no secrets: no environment, no arguments, no working directory. */
const READABLE = [
  path("./"),
  path("../sandbox/frames.ts"),
  path("../core/queue/queue.ts"),
  `${dirname(dirname(ESBUILD))}/`,
  // The same folder as it is imported: a symbolic link where packages are linked.
  path("../../node_modules/esbuild/"),
  path("../../package.json"),
];
const FLAGS = [
  "--permission",
  "--allow-child-process",
  ...READABLE.map((readable) => `--allow-fs-read=${readable}`),
  "--no-addons",
  "--no-warnings",
  "--max-old-space-size=96",
];

export class CompilerProcess {
  readonly #ready = Promise.withResolvers<void>();
  /** Resolves when it can compile, or has ended. */
  readonly ready = this.#ready.promise;
  /** Total bytes of its scripts. */
  takenBytes = 0;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #cutter = new FrameCutter(ANSWER_HEADER_BYTES, answerFrameBytesWithin(ANSWER_LIMIT_BYTES));
  #answer: ((answer: Bundled | undefined) => void) | undefined;
  #isReady = false;
  #hasEnded = false;

  constructor() {
    this.#process = spawn(process.execPath, confine([...FLAGS, path("child.ts")], { readable: [...READABLE, BINARY], mayFork: true }), {
      // Makes Go collect garbage early.
      env: { ESBUILD_BINARY_PATH: path("limited-esbuild.sh"), ORB_ESBUILD: BINARY, GOMEMLIMIT: "100MiB" },
      cwd: "/",
      stdio: ["pipe", "pipe", "ignore"],
      // A separate process group, so that esbuild is ended with it.
      detached: true,
    });
    this.#process.on("error", () => this.#end());
    this.#process.on("close", () => this.#end());
    this.#process.stdin?.on("error", () => {}); // The end of the process says more.
    this.#process.stdout?.on("data", (chunk: Buffer) => this.#receive(chunk));
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** @returns undefined if the process ended before its answer. One script at a time. */
  async compile(source: string, fileName: string): Promise<Bundled | undefined> {
    this.#setRef(true);
    const { promise, resolve } = Promise.withResolvers<Bundled | undefined>();
    this.#answer = resolve;
    if (this.#hasEnded) return undefined;
    const body = Buffer.from(source);
    this.takenBytes += body.length;
    for (const piece of encodeTasks([{ text: fileName, body, limitMs: 0 }])) this.#process.stdin.write(piece);
    const answer = await promise;
    this.#setRef(false);
    return answer;
  }

  /** Immediately, with esbuild. */
  kill(): void {
    const { pid } = this.#process;
    if (pid === undefined || this.#hasEnded) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has ended, but is not collected yet.
    }
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#cutter.push(chunk)) this.#take(decodeAnswer(frame).text);
    } catch {
      this.kill();
    }
  }

  #take(text: string): void {
    if (!this.#isReady) {
      this.#isReady = true;
      this.#setRef(false);
      this.#ready.resolve();
      return;
    }
    this.#answer?.(decodeBundled(text));
  }

  #end(): void {
    this.#hasEnded = true;
    this.#ready.resolve();
    this.#answer?.(undefined);
  }

  /** Whether Node waits for it: only while it starts or compiles. */
  #setRef(isHeld: boolean): void {
    const { stdin, stdout } = this.#process;
    for (const one of [this.#process, stdin as { ref?(): void; unref?(): void } | null, stdout as { ref?(): void; unref?(): void } | null])
      if (isHeld) one?.ref?.();
      else one?.unref?.();
  }
}
