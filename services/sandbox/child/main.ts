/**
 * The sandbox child's outer realm: frames in, frames out, and a context with the runtime and one project's script.
 *
 * The first frame has this code and the runtime (bootstrap.ts), the second the compiled script; all others are a job and its page. One empty answer
 * means that the child is ready. Each job is answered before the next begins, so the first job without an answer is the one that ended a child.
 */
import type * as FileSystem from "node:fs";
import type * as Vm from "node:vm";
import { MIB } from "../../core/protocol/byte-units.ts";
import { garbageCollector } from "../../core/runtime/garbage.ts";
import { RUN_LIMITS } from "../../sdk/run-limits.ts";
import { decodeTask, encodeAnswer, FrameCutter, TASK_HEADER_BYTES, type TaskFrame, taskFrameBytes } from "../frames.ts";
import { harden } from "./harden.ts";
import { createHost, SCRIPT_FILE } from "./outer-host.ts";
import type { start } from "./runtime.ts";

export type Require = (name: string) => unknown;

/** The parent ends slow tasks; this limit is for an orphan. */
const ORPHAN_EXTRA_MS = 3_000;
const READ_BYTES = 256 * 1_024;
/** A job with a larger page or answer leaves garbage that would count as memory of the next job: it is collected before that, in some ten milliseconds. */
const LARGE_BYTES = MIB;

/** Serves until the parent closes the pipe. */
export function main(require: Require, process: NodeJS.Process, runtimeSource: string): void {
  const { readSync, writeSync } = require("node:fs") as typeof FileSystem;
  const { Buffer, setImmediate } = globalThis;
  const exit = process.exit.bind(process);
  const runJob = openContext(require, runtimeSource);
  // After the script's context, which must not have the function.
  const collect = garbageCollector();
  const runGuarded = createGuard(require);
  harden(
    process,
    ["node:fs", "node:vm", "node:v8", "node:os", "node:child_process", "node:module"].map((name) => require(name) as object),
  );

  // Hardening runs last: with the rest of `process` its listeners are gone.
  const takeRejection = rejectionsOf(process);
  let leavesGarbage = false;
  const write = (text: string, microseconds: number) => {
    const frame = encodeAnswer({ text, microseconds });
    for (let sent = 0; sent < frame.length; ) sent += writeSync(1, frame, sent, frame.length - sent, null);
    leavesGarbage ||= frame.length > LARGE_BYTES;
  };
  const cutter = new FrameCutter(TASK_HEADER_BYTES, taskFrameBytes);
  const serve = () => {
    // In a turn of its own: nothing of the last job is in use.
    if (leavesGarbage) collect();
    leavesGarbage = false;
    const input = Buffer.allocUnsafe(READ_BYTES);
    const read = readSync(0, input, 0, READ_BYTES, null);
    if (read === 0) exit();
    const tasks = cutter.push(input.subarray(0, read)).map(decodeTask);
    const limitMs = tasks.reduce((sum, task) => sum + task.limitMs, ORPHAN_EXTRA_MS);
    const runAll = () => {
      for (const task of tasks) {
        leavesGarbage ||= task.body.length > LARGE_BYTES;
        runJob(task, { write, takeRejection });
      }
    };
    if (tasks.length > 0) runGuarded(runAll, limitMs);
    setImmediate(serve);
  };
  write("", 0);
  serve();
}

/** Makes Node report unhandled rejections: returns a function that returns the first of them since the last call. */
function rejectionsOf(process: NodeJS.Process): () => { reason: unknown } | undefined {
  let first: { reason: unknown } | undefined;
  process.on("unhandledRejection", (reason) => {
    first ??= { reason };
  });
  // Node does this at the end of a turn, which would be after the whole batch.
  const endTurn = Reflect.get(process, "_tickCallback") as () => void;
  return () => {
    endTurn();
    const found = first;
    first = undefined;
    return found;
  };
}

/** Ends the process with an error if `work` is not done in time: an orphan must not loop forever. */
function createGuard(require: Require) {
  const { Script } = require("node:vm") as typeof Vm;
  const key = "orbweaverWork";
  const script = new Script(`${key}()`);
  return (work: () => void, timeout: number) => {
    Reflect.set(globalThis, key, work);
    script.runInThisContext({ timeout });
    Reflect.set(globalThis, key, undefined);
  };
}

interface JobHooks {
  write(text: string, microseconds: number): void;
  takeRejection(): { reason: unknown } | undefined;
}

/** Creates the context and starts the runtime in it. The first task is the script itself, and has no answer. */
function openContext(require: Require, runtimeSource: string) {
  const vm = require("node:vm") as typeof Vm;
  const { Script } = vm;
  const clock = performance.now.bind(performance);
  // Promises of the context run only when code runs in it.
  const context = vm.createContext(vm.constants.DONT_CONTEXTIFY, {
    codeGeneration: { strings: false, wasm: false },
    microtaskMode: "afterEvaluate",
  });
  const runPromises = new Script("0");
  const { host, show, readMap } = createHost(require);
  const runtime = (new Script(runtimeSource, { filename: "orbweaver-runtime" }).runInContext(context) as typeof start)(host);
  const nothing = Buffer.alloc(0);
  let isLoaded = false;

  return ({ text, body }: TaskFrame, { write, takeRejection }: JobHooks) => {
    if (!isLoaded) {
      readMap(text);
      runtime.load(new Script(text, { filename: SCRIPT_FILE }).runInContext(context));
      isLoaded = true;
      return;
    }
    const began = clock();
    show(body as Buffer);
    runtime.begin(text);
    runPromises.runInContext(context);
    const rejection = takeRejection();
    // Not as an object of this realm.
    const answer = runtime.finish(rejection !== undefined, rejection?.reason);
    const tooLarge = Buffer.byteLength(answer) > RUN_LIMITS.answerBytes;
    write(tooLarge ? '{"ok":false,"isTooLarge":true,"logs":""}' : answer, Math.round((clock() - began) * 1_000));
    show(nothing);
  };
}
