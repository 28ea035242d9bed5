import type { Outcome, TaskError } from "../core/protocol/messages.ts";
import { MESSAGE_TASK_PREFIX } from "../core/protocol/task.ts";

/**
 * The scheduler pauses a project that fails repeatedly (pyspider's auto-pause, scheduler.py `Project.paused`).
 *
 * - running: failures in a row are counted, a success sets them to 0; the 10th leads to paused.
 * - paused: nothing is dispatched for 300 s; then checking.
 * - checking: tasks flow; a success leads to running, 3 failures lead back to paused.
 */
export interface AutoPause {
  failuresInRow: number;
  /** Unix seconds; 0 when running. After this time the project is checking. */
  pausedUntil: number;
}

/** pyspider's `--fail-pause-num`. */
export const DEFAULT_FAILURES_TO_PAUSE = 10;
export const PAUSE_SECONDS = 300;
export const FAILURES_WHILE_CHECKING = 3;

/** The state of a project that has not failed. */
export const NOT_PAUSED: AutoPause = { failuresInRow: 0, pausedUntil: 0 };

/** A new script or another state ends a pause, because the user has acted. In pyspider they wait for the rest of the 300 s. */
export const endsPause = (before: { scriptHash: string; status: string }, after: { scriptHash: string; status: string }): boolean =>
  before.scriptHash !== after.scriptHash || before.status !== after.status;

export const isPaused = ({ pausedUntil }: AutoPause, now: number) => now < pausedUntil;

/** Neither script nor site has failed: the site disallows the page for crawlers, or has answered that it does not exist. */
const isAnswered = (error: TaskError | undefined): boolean =>
  error?.code === "E_ROBOTS_DISALLOWED" || (error?.code === "E_PAGE_STATUS" && !error.retryable);

/**
 * Whether the end of a run is neutral. A repeated failure of the same page adds no information about its site: the last retries of a crawl must
 * not delay its end. And other projects choose a project's messages, so messages must neither pause nor unpause it.
 *
 * @param retried failures of the task before this run.
 */
export const isNeutral = ({ process, taskid }: Pick<Outcome, "process" | "taskid">, retried: number) =>
  taskid.startsWith(MESSAGE_TASK_PREFIX) || (!process.ok && (retried > 0 || isAnswered(process.error)));

/**
 * The state after one more end that is not neutral. Tasks that were in flight when the pause began change nothing.
 *
 * @param failuresToPause 0 turns auto-pause off.
 */
export function countEnd(state: AutoPause, ok: boolean, { failuresToPause, now }: { failuresToPause: number; now: number }): AutoPause {
  if (failuresToPause === 0 || isPaused(state, now)) return state;
  if (ok) return NOT_PAUSED;
  const failuresInRow = state.failuresInRow + 1;
  const limit = state.pausedUntil > 0 ? Math.min(FAILURES_WHILE_CHECKING, failuresToPause) : failuresToPause;
  return failuresInRow >= limit ? { failuresInRow: 0, pausedUntil: now + PAUSE_SECONDS } : { ...state, failuresInRow };
}
