import { toTaskError } from "../../core/errors.ts";
import type { FetchedPage, Outcome, Page, ProcessTrack, TaskError } from "../../core/messages.ts";
import type { Job as ChildJob } from "../api/run.ts";
import { RUN_LIMITS } from "../api/run-limits.ts";
import { PageStatusError, ScriptError, ScriptLimitError } from "../errors.ts";
import type { TaskFrame } from "../frames.ts";
import type { ScriptAnswer } from "./answer.ts";

/** What came of one callback: the script's part of an Outcome. */
export type SandboxResult = Pick<Outcome, "process" | "results" | "follows" | "messages" | "stored" | "info">;

/** A page on its way through a child. */
export interface Job {
  callback: string;
  page: Page;
  frame: TaskFrame;
  resolve(result: SandboxResult): void;
  reject(error: Error): void;
}

/** No callback may take longer, whatever it asks for: a pool's child is held as long. */
const LONGEST_MS = 600_000;

/** What the child is sent for a page. */
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
    allowRedirects: order.fetch.allowRedirects ?? true,
    page: rest,
  };
  return { text: JSON.stringify(job), body: content, limitMs: limitOf(order.process.processTimeLimit, processLimitMs) };
}

/** @param seconds what the task asks for; 0, which in pyspider means none, gets the longest. */
function limitOf(seconds: number | undefined, processLimitMs: number): number {
  if (seconds === undefined) return Math.min(LONGEST_MS, processLimitMs);
  return seconds === 0 ? LONGEST_MS : Math.min(LONGEST_MS, Math.max(1, Math.round(seconds * 1_000)));
}

export function resultOf(job: Job, answer: ScriptAnswer, timeMs: number): SandboxResult {
  if (!answer.ok) return failedResult(errorOf(job, answer.failure), timeMs, answer.logs);
  const { logs, follows, ok, ...rest } = answer;
  return { ...rest, follows, process: { ok, timeMs, follows: follows.length, logs } };
}

export function failedResult(error: TaskError, timeMs: number, logs: string = error.message): SandboxResult {
  const process: ProcessTrack = { ok: false, timeMs, follows: 0, logs: logs.slice(-RUN_LIMITS.logs), error };
  return { process, results: null, follows: [], messages: [] };
}

function errorOf({ callback, page }: Job, failure: Extract<ScriptAnswer, { ok: false }>["failure"]): TaskError {
  switch (failure.kind) {
    case "page":
      return page.error ?? toTaskError(new PageStatusError(page.url, page.statusCode));
    case "large":
      return toTaskError(new ScriptLimitError(callback, `more than ${RUN_LIMITS.answerBytes / 1_048_576} MiB`));
    case "deep":
      return toTaskError(new ScriptLimitError(callback, `values nested deeper than ${RUN_LIMITS.jsonDepth} levels`));
    case "heavy":
      return toTaskError(
        new ScriptLimitError(
          callback,
          `a task, a message, this.save or a crawlConfig with more than ${RUN_LIMITS.taskLength} characters of JSON`,
        ),
      );
    case "script":
      return toTaskError(new ScriptError(failure.message));
  }
}
