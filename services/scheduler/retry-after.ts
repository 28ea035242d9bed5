import type { FetchTrack, Outcome } from "../core/protocol/messages.ts";
import { TASK_QUEUE, TASK_STATUS } from "../core/protocol/task.ts";
import type { EndDecision } from "./task-end.ts";

/** How often in a row a host may defer a task before that counts as a failure. */
export const MAX_DEFERRALS = 10;
/** The script called `endSession()`: the page is fetched again, in the next session. */
const SESSION_ENDED = "E_SESSION_ENDED";
/** Only the server's status failed. */
const PAGE_STATUS = "E_PAGE_STATUS";

/**
 * A page whose server answered "come back later" (RFC 9110, section 10.2.3), or refuses the crawl for now, is fetched again without counting a
 * failure; pyspider counts one. Returns undefined if other rules apply: the callback handled the page, or the page was deferred too often.
 *
 * @param backoffSeconds for how long its host is left alone; 0: it is not.
 * @param deferrals how often in a row the page was deferred.
 * @param now unix seconds.
 */
export function decideDeferral(
  { fetch, process }: { fetch: Pick<FetchTrack, "retryAfterSeconds">; process: Pick<Outcome["process"], "error"> },
  { retried, deferrals, backoffSeconds }: { retried: number; deferrals: number; backoffSeconds: number },
  now: number,
): EndDecision | undefined {
  const { code } = process.error ?? {};
  const seconds = code === SESSION_ENDED ? 0 : (fetch.retryAfterSeconds ?? (backoffSeconds > 0 ? backoffSeconds : undefined));
  if (seconds === undefined || (code !== PAGE_STATUS && code !== SESSION_ENDED) || deferrals >= MAX_DEFERRALS) return undefined;
  return { event: "retry", status: TASK_STATUS.ACTIVE, queue: TASK_QUEUE.waiting, exetime: now + seconds, retried };
}
