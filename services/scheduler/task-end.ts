import type { Outcome } from "../core/protocol/messages.ts";
import { policyOf } from "../core/protocol/status-policy.ts";
import { type Schedule, TASK_QUEUE, TASK_STATUS, type TaskQueue, type TaskStatus } from "../core/protocol/task.ts";
import { retryDelaySeconds } from "./retry-delay.ts";

/** pyspider's default (docs/apis/self.crawl.md). */
export const DEFAULT_RETRIES = 3;

/** The changes that an outcome makes to its task. */
export interface EndDecision {
  event: "success" | "retry" | "failed";
  status: TaskStatus;
  /** Null if it has ended; otherwise it runs again at `exetime`. */
  queue: TaskQueue<"waiting"> | null;
  /** Unix seconds. */
  exetime: number;
  retried: number;
}

/**
 * pyspider's rules for the end of a run (scheduler.py `on_task_done`, `on_task_failed`), with `retried` reset after a success.
 *
 * @param dispatched the task's schedule and failures so far, at its dispatch.
 * @param outcome of its page: the status of an error page, which may have retries and delays of its own.
 * @param delays seconds by failures so far.
 * @param now unix seconds.
 */
export function decideEnd(
  outcome: Pick<Outcome, "process" | "dead"> & { fetch: Pick<Outcome["fetch"], "statusCode"> },
  dispatched: { schedule: Schedule; retried: number },
  { delays, now }: { delays: readonly number[]; now: number },
): EndDecision {
  const { age = -1, autoRecrawl = false, byStatus } = dispatched.schedule;
  const recrawls = autoRecrawl && age >= 0;
  if (outcome.process.ok) return recrawls ? again("success", now + age, 0) : over("success", TASK_STATUS.SUCCESS, 0);
  const { retried } = dispatched;
  const { error } = outcome.process;
  const policy = error?.code === "E_PAGE_STATUS" ? policyOf(byStatus, outcome.fetch.statusCode) : undefined;
  const retries = policy?.retries ?? dispatched.schedule.retries ?? DEFAULT_RETRIES;
  const isHopeless = outcome.dead !== undefined || (error?.retryable === false && policy?.retries === undefined);
  if (isHopeless || retried >= retries) {
    return recrawls && !outcome.dead ? again("failed", now + age, 0) : over("failed", TASK_STATUS.FAILED, retried);
  }
  return again("retry", now + retryDelaySeconds(retried, age, policy?.delays ?? delays), retried + 1);
}

function again(event: EndDecision["event"], exetime: number, retried: number): EndDecision {
  return { event, status: TASK_STATUS.ACTIVE, queue: TASK_QUEUE.waiting, exetime, retried };
}

function over(event: EndDecision["event"], status: TaskStatus, retried: number): EndDecision {
  return { event, status, queue: null, exetime: 0, retried };
}
