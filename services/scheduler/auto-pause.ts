import type { Outcome } from "../core/messages.ts";
import { MESSAGE_TASK_PREFIX } from "../core/task.ts";

/**
 * A project that fails again and again is held back (pyspider's auto-pause, scheduler.py `Project.paused`).
 *
 * - running: failures in a row are counted, a success sets them to 0; the 10th leads to paused.
 * - paused: nothing is dispatched for 300 s; then checking.
 * - checking: tasks flow; a success leads to running, 3 failures lead back to paused.
 */
export interface AutoPause {
  failuresInRow: number;
  /** Unix seconds; 0 when running. After it has passed the project is being checked. */
  pausedUntil: number;
}

/** pyspider's `--fail-pause-num`. */
export const DEFAULT_FAILURES_TO_PAUSE = 10;
export const PAUSE_SECONDS = 300;
export const FAILURES_WHILE_CHECKING = 3;

/** The state of a project that has not failed. */
export const NOT_PAUSED: AutoPause = { failuresInRow: 0, pausedUntil: 0 };

/** A new script or another state ends a pause: somebody has seen to it. pyspider lets them wait for the rest of the 300 s. */
export const endsPause = (before: { scriptHash: string; status: string }, after: { scriptHash: string; status: string }): boolean =>
  before.scriptHash !== after.scriptHash || before.status !== after.status;

export const isPaused = ({ pausedUntil }: AutoPause, now: number) => now < pausedUntil;

/** A page that its site closes to crawlers: neither script nor site has failed. */
const NO_FAILURES = ["E_ROBOTS_DISALLOWED"];

/**
 * Whether the end of a run tells nothing about how its project fares. That a page which failed fails again says nothing new of its site: the last
 * retries of a crawl must not hold up its end. And a project's messages are what others make of them: nobody pauses, or unpauses, it by sending some.
 *
 * @param retried failures of the task before this run.
 */
export const isNeutral = ({ process, taskid }: Pick<Outcome, "process" | "taskid">, retried: number) =>
  taskid.startsWith(MESSAGE_TASK_PREFIX) || (!process.ok && (retried > 0 || NO_FAILURES.includes(process.error?.code ?? "")));

/**
 * The state after one more end of a task that is not neutral. Ends of what was in flight when the pause began change nothing.
 *
 * @param failuresToPause 0 switches auto-pause off.
 */
export function countEnd(state: AutoPause, ok: boolean, { failuresToPause, now }: { failuresToPause: number; now: number }): AutoPause {
  if (failuresToPause === 0 || isPaused(state, now)) return state;
  if (ok) return NOT_PAUSED;
  const failuresInRow = state.failuresInRow + 1;
  const limit = state.pausedUntil > 0 ? Math.min(FAILURES_WHILE_CHECKING, failuresToPause) : failuresToPause;
  return failuresInRow >= limit ? { failuresInRow: 0, pausedUntil: now + PAUSE_SECONDS } : { ...state, failuresInRow };
}
