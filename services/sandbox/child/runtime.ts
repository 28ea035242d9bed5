/**
 * The runtime inside the context, next to the script: runs the callback of a task and writes its outcome as text.
 *
 * Code outside of the context calls three of its functions, with texts only: `load`, then `begin` and `finish` for each task. All pending promises
 * run between the two. Nothing else can resume a script: there are no timers and no I/O.
 */
import "./base64.ts";
import { toStorable } from "../../core/protocol/checks.ts";
import { packFollows, WRITTEN_OUT_FOLLOWS } from "../../core/protocol/follow-list.ts";
import { describeSkipped, type Skipped } from "../../core/protocol/skipped.ts";
import * as orbweaver from "../../sdk/api.ts";
import { beginRun, infoOf } from "../../sdk/crawler.ts";
import { catchesStatusCodeError } from "../../sdk/decorators.ts";
import { connectHost, type Host, md5, sourceLines } from "../../sdk/host.ts";
import { connectHtml5 } from "../../sdk/parse.ts";
import { PageFailure, PageJsonFailure, Response } from "../../sdk/response.ts";
import { type Job, Run, RunLimitFailure, SessionEnded } from "../../sdk/run.ts";
import { RUN_LIMITS } from "../../sdk/run-limits.ts";
import { isPromise, unstorablePart } from "../../sdk/unstorable.ts";
import { connectXPath, type XPathEngine } from "../../sdk/xpath.ts";
import { print, scriptConsole, takeLogs } from "./console.ts";
import { ScriptUrl, ScriptUrlSearchParams } from "./url.ts";

/** esbuild bundles the modules and runs each at its first call: most scripts do not need them. */
declare const require: {
  (name: "xpath"): XPathEngine;
  (name: "../../sdk/html5.ts"): typeof import("../../sdk/html5.ts");
};

type ScriptClass = new () => orbweaver.Crawler;

// A script may change built-ins, and must not change how its own outcome is written.
const { parse, stringify } = JSON;

let makeScript: (() => ScriptClass) | undefined;
let ended: { rows: string[]; failure?: unknown; info?: unknown } | undefined;
let run: Run | undefined;

/** @param host functions of the outer realm; only `connectHost` keeps them. */
export function start(host: Host) {
  connectHost(host);
  connectXPath(() => require("xpath"));
  connectHtml5(() => require("../../sdk/html5.ts").parseHtml5);
  const globals = { console: scriptConsole, URL: ScriptUrl, URLSearchParams: ScriptUrlSearchParams };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  Reflect.deleteProperty(globalThis, "WebAssembly");
  // These call back into a script after its run has ended, when no limit applies.
  Reflect.deleteProperty(globalThis, "FinalizationRegistry");
  Reflect.deleteProperty(Atomics, "waitAsync");
  return { load, begin, finish };
}

/** Receives the compiled script; it runs once, at the first task. */
function load(evaluate: (api: typeof orbweaver) => unknown): void {
  let made: { script: ScriptClass } | { failure: unknown } | undefined;
  makeScript = () => {
    made ??= attempt(evaluate);
    if ("failure" in made) throw made.failure;
    return made.script;
  };
}

function attempt(evaluate: (api: typeof orbweaver) => unknown): { script: ScriptClass } | { failure: unknown } {
  try {
    const script = evaluate(orbweaver) as ScriptClass;
    if (script?.prototype instanceof orbweaver.Crawler) return { script };
    return { failure: new TypeError('the default export is not a class that extends Crawler from "orbweaver"') };
  } catch (failure) {
    return { failure };
  }
}

/** Calls the callback. Its promises run before `finish` is called. */
function begin(text: string): void {
  ended = undefined;
  try {
    const job = parse(text) as Job;
    run = new Run(job);
    beginRun(run);
    const script = new ((makeScript as () => ScriptClass)())();
    const response = new Response(job.page, job);
    settle(call(script, job, response), (result) => script.onResult(result, response, script.task));
  } catch (failure) {
    ended = { rows: [], failure };
  }
}

function call(script: orbweaver.Crawler, job: Job, response: Response): unknown {
  if (job.callback === "_info") {
    ended = { rows: [], info: infoOf(script) };
    return undefined;
  }
  const method = Reflect.get(script, job.callback);
  // The message was sent before the script's declarations were known.
  if (job.callback === "onMessage" && method === undefined) return undefined;
  if (typeof method !== "function") throw new TypeError(`the script has no method ${job.callback}`);
  if (!catchesStatusCodeError(method)) {
    if (job.page.statusCode === 304) return undefined;
    response.raiseForStatus();
  }
  if (job.callback === "onMessage") return script.onMessage?.(String(response.save?.project), response.save?.message);
  return Reflect.apply(method, script, [response, script.task]);
}

/** The script's `onResult`. */
type Keep = (result: unknown) => unknown;

function settle(returned: unknown, keep: Keep): void {
  if (ended) return;
  if (isIterator(returned, Symbol.iterator)) ended = { rows: collect(returned as Iterator<unknown>, keep) };
  else if (isIterator(returned, Symbol.asyncIterator)) settleLater(collectLater(returned as AsyncIterator<unknown>, keep));
  else if (isPromise(returned)) settleLater((async () => addRow([], await returned, keep))());
  else ended = { rows: addRow([], returned, keep) };
}

const isIterator = (value: unknown, kind: symbol) =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  kind in value &&
  typeof (value as Iterator<unknown>).next === "function";

function settleLater(rows: Promise<string[]>): void {
  rows.then(
    (all) => {
      ended = { rows: all };
    },
    (failure) => {
      ended = { rows: [], failure };
    },
  );
}

function collect(values: Iterator<unknown>, keep: Keep): string[] {
  const rows: string[] = [];
  for (let step = values.next(); ; step = values.next()) {
    addRow(rows, step.value, keep);
    if (step.done) return rows;
  }
}

async function collectLater(values: AsyncIterator<unknown>, keep: Keep): Promise<string[]> {
  const rows: string[] = [];
  for (let step = await values.next(); ; step = await values.next()) {
    addRow(rows, step.value, keep);
    if (step.done) return rows;
  }
}

/** Undefined, null and values without a JSON form are no result (pyspider drops all falsy values; 0, "" and false are kept here). */
function addRow(rows: string[], value: unknown, keep: Keep): string[] {
  if (value === undefined || value === null) return rows;
  const kept = keep(value);
  if (isPromise(kept)) throw new TypeError("onResult() must return the value to store, not a promise");
  const unstorable = unstorablePart(kept);
  if (unstorable !== undefined) throw new TypeError(`a result cannot be stored: ${unstorable}`);
  const text = kept === null ? undefined : stringify(kept);
  if (text === undefined) return rows;
  if (rows.length >= RUN_LIMITS.rows) throw new RunLimitFailure(`one run may yield at most ${RUN_LIMITS.rows} results`);
  rows[rows.length] = text;
  return rows;
}

/**
 * One line of JSON, then one line per result row.
 *
 * @param isRejected the run has an unhandled rejection, because of `reason`.
 */
function finish(isRejected: boolean, reason: unknown): string {
  if (isRejected && !(ended && "failure" in ended)) ended = { rows: [], failure: reason };
  ended ??= {
    rows: [],
    failure: new Error(
      "the callback waits for a promise that never resolves: scripts have no timers, and pages are fetched only by crawl()",
    ),
  };
  let answer: string;
  try {
    answer = "failure" in ended ? describeFailure(ended.failure) : describeSuccess();
  } catch (failure) {
    answer = describeFailure(failure);
  }
  run = undefined;
  ended = undefined;
  return answer;
}

function describeSuccess(): string {
  const { rows, info } = ended as { rows: string[]; info?: unknown };
  const { messages, stored, skipped, session } = run as Run;
  const unstorable = unstorablePart(stored?.value);
  if (unstorable !== undefined) throw new TypeError(`this.save cannot be stored: ${unstorable}`);
  const others = { messages, stored: stored?.value, info, session };
  const follows = writeFollows(run as Run, () => stringify(others).length + rows.reduce((sum, row) => sum + row.length + 1, 0));
  const head = stringify({ ok: true, follows, ...others, skipped: reportSkipped(skipped), logs: takeLogs() });
  return rows.length === 0 ? head : `${head}\n${rows.join("\n")}`;
}

/** Room in an answer for names and the output. Nearly all of an answer is ASCII, of one byte a character. */
const RESERVED_LENGTH = 2 * RUN_LIMITS.logs;

/** Many follows are written in the short form, as many as fit beside the rest of the answer. */
function writeFollows(current: Run, otherLength: () => number): unknown {
  const { follows } = current;
  if (follows.size <= WRITTEN_OUT_FOLLOWS) return [...follows.values()];
  const packed = packFollows(follows.values(), { identify: md5, maxLength: RUN_LIMITS.answerBytes - RESERVED_LENGTH - otherLength() });
  if (packed.items.length < follows.size) current.skip("limit", follows.size - packed.items.length);
  return packed;
}

/** Says in the task's output what became no task. */
function reportSkipped(skipped: Skipped): Skipped | undefined {
  const reasons = describeSkipped(skipped);
  if (reasons === "") return undefined;
  print(`links skipped: ${reasons}`);
  return skipped;
}

function describeFailure(failure: unknown): string {
  if (failure instanceof SessionEnded) return stringify({ ok: false, isSessionEnded: true, logs: takeLogs() });
  if (failure instanceof PageFailure) return stringify({ ok: false, isPageFailure: true, logs: takeLogs() });
  const { message, stack } = readFailure(failure);
  const lines = sourceLines(stack);
  print(message + (lines && `\n${lines.replaceAll(/^/gm, "    at ")}`));
  if (failure instanceof PageJsonFailure) return stringify({ ok: false, pageJson: failure.verdict, logs: takeLogs() });
  const [place] = lines.split("\n");
  const isOverLimit = failure instanceof RunLimitFailure ? true : undefined;
  return stringify({ ok: false, message: place ? `${message} (${place})` : message, isOverLimit, logs: takeLogs() });
}

/** Errors inside of errors. */
const SHOWN_CAUSES = 3;

/** `Error: outer [cause: Error: the reason]`; of an object without a text of its own its JSON. */
function failureText(failure: unknown, depth = 0): string {
  if (!(failure instanceof Error)) return valueText(failure);
  const inner = [failure.cause, ...(failure instanceof AggregateError ? failure.errors : [])].filter((one) => one !== undefined);
  if (inner.length === 0 || depth === SHOWN_CAUSES) return String(failure);
  const causes = inner.slice(0, SHOWN_CAUSES).map((one) => failureText(one, depth + 1));
  return `${failure} [cause: ${causes.join("; ")}]`;
}

function valueText(value: unknown): string {
  const text = String(value);
  return /^\[object \w+\]$/.test(text) ? (stringify(value) ?? text) : text;
}

/** Reading an error may itself run the script's code. */
function readFailure(failure: unknown): { message: string; stack: string } {
  try {
    return { message: toStorable(failureText(failure).slice(0, 2_000)), stack: failure instanceof Error ? String(failure.stack) : "" };
  } catch {
    return { message: "the script threw something that cannot be shown", stack: "" };
  }
}
