import { MIB } from "../core/protocol/byte-units.ts";
import { toTaskError } from "../core/protocol/errors.ts";
import { describeExcess, JSON_LIMITS } from "../core/protocol/json-limits.ts";
import type { FetchedPage, Outcome, Page, ProcessTrack, TaskError } from "../core/protocol/messages.ts";
import type { Job as ChildJob } from "../sdk/run.ts";
import { RUN_LIMITS } from "../sdk/run-limits.ts";
import type { AnswerFailure, ScriptAnswer } from "./answer.ts";
import { PageJsonError, PageStatusError, RunLimitError, ScriptError, ScriptLimitError, SessionEndedError } from "./errors.ts";
import type { TaskFrame } from "./frames.ts";

/** The result of one callback: the script's part of an Outcome. */
export type SandboxResult = Pick<Outcome, "process" | "results" | "follows" | "messages" | "stored" | "info" | "session">;

/** The result with the size of its answer: 0 without one. */
export type SandboxRun = SandboxResult & { answerBytes: number };

/** A page that is processed by a child. */
export interface Job {
  callback: string;
  page: Page;
  frame: TaskFrame;
  /** @param answerBytes absent if the child did not answer. */
  resolve(result: SandboxResult, answerBytes?: number): void;
  reject(error: Error): void;
}

/** The maximum for any callback: it occupies a pool's child for as long. */
const MAX_MS = 600_000;

/** The child's input for a page. */
export function frameOf({ order, page }: FetchedPage, processLimitMs: number): TaskFrame {
  const { content, ...rest } = page;
  const job: ChildJob = {
    project: order.project,
    taskid: order.taskid,
    url: order.url,
    callback: order.process.callback,
    debug: order.debug,
    retried: order.retried,
    save: order.save,
    stored: order.stored,
    depth: order.process.depth,
    allowRedirects: order.fetch.allowRedirects ?? true,
    ...(order.process.parser === undefined ? {} : { parser: order.process.parser }),
    page: rest,
  };
  return { text: JSON.stringify(job), body: content, limitMs: limitOf(order.process.processTimeLimit, processLimitMs) };
}

/** @param seconds the task's limit; 0, which means none in pyspider, gets the longest. */
function limitOf(seconds: number | undefined, processLimitMs: number): number {
  if (seconds === undefined) return Math.min(MAX_MS, processLimitMs);
  return seconds === 0 ? MAX_MS : Math.min(MAX_MS, Math.max(1, Math.round(seconds * 1_000)));
}

export function resultOf(job: Job, answer: ScriptAnswer, timeMs: number): SandboxResult {
  if (!answer.ok) return failedResult(errorOf(job, answer.failure), timeMs, answer.logs);
  const { logs, follows, ok, skipped, ...rest } = answer;
  return { ...rest, follows, process: { ok, timeMs, follows: follows.length, ...(skipped && { skipped }), logs } };
}

export function failedResult(error: TaskError, timeMs: number, logs: string = error.message): SandboxResult {
  const process: ProcessTrack = { ok: false, timeMs, follows: 0, logs: logs.slice(-RUN_LIMITS.logs), error };
  return { process, results: null, follows: [], messages: [] };
}

function errorOf({ callback, page }: Job, failure: AnswerFailure): TaskError {
  if (failure.kind === "page") return page.error ?? toTaskError(new PageStatusError(page.url, page.statusCode));
  if (failure.kind === "session") return toTaskError(new SessionEndedError(page.url));
  if (failure.kind === "pageJson") return toTaskError(new PageJsonError(page.url, failure.verdict));
  if (failure.kind === "script") return toTaskError(new ScriptError(failure.message));
  if (failure.kind === "run") return toTaskError(new RunLimitError(failure.message));
  return toTaskError(new ScriptLimitError(callback, EXCESS[failure.kind]));
}

const { answer, page: rows, task } = JSON_LIMITS;
const EXCESS = {
  large: `more than ${RUN_LIMITS.answerBytes / MIB} MiB`,
  deep: describeExcess("deep", rows),
  many: `${describeExcess("many", rows)} in its results, or ${describeExcess("many", answer)} in everything else`,
  heavy: `a task, a message, this.save or a crawlConfig with more than ${RUN_LIMITS.taskLength} characters of JSON, or ${describeExcess("many", task)}`,
};
