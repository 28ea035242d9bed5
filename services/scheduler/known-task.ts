import { type Schedule, TASK_QUEUE } from "../core/protocol/task.ts";
import type { KnownTask } from "./store/scheduling.ts";

/** The decision on a request for a task that exists already. */
export type KnownTaskDecision = "ignore" | "restart" | "postpone" | "cancel";

/** True if the request can never change a known task: then the task need not be read. */
export function isOnlyForNewTasks({ age = -1, itag, forceUpdate }: Schedule): boolean {
  return age < 0 && itag === undefined && !forceUpdate;
}

/**
 * pyspider's table for known tasks (scheduler.py `on_old_request`), with one change: a task that waits for a retry is treated like one that has
 * ended. pyspider drops such requests, and with them a periodic crawl. `age` counts from the last run, even a failed one: so links to a failing page
 * do not advance its retries.
 *
 * @param now unix seconds.
 */
export function decideKnownTask(wanted: Schedule, known: KnownTask, now: number): KnownTaskDecision {
  const restarts = wanted.forceUpdate === true || hasNewItag(wanted, known) || isStale(wanted, known, now);
  if (!restarts) return "ignore";
  if (known.queue === TASK_QUEUE.inFlight) return wanted.forceUpdate ? "postpone" : "ignore";
  if (known.queue !== null && !wanted.forceUpdate && !isWaitingForRetry(known)) return "ignore";
  return wanted.cancel ? "cancel" : "restart";
}

const isWaitingForRetry = ({ queue, retried }: KnownTask) => queue === TASK_QUEUE.waiting && retried > 0;

const hasNewItag = ({ itag }: Schedule, { schedule }: KnownTask) => Boolean(itag) && itag !== schedule?.itag;

function isStale({ age = -1 }: Schedule, { lastcrawltime }: KnownTask, now: number): boolean {
  return age >= 0 && (lastcrawltime ?? 0) + age < now;
}
