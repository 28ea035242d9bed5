import type { FetchTrack, Outcome } from "../core/messages.ts";
import { TASK_QUEUE, TASK_STATUS } from "../core/task.ts";
import type { EndDecision } from "./task-end.ts";

/** So often in a row a host may put a task off before that counts as a failure. */
export const MAX_HELD_BACK = 10;
/** The server's status is all that failed. */
const PAGE_STATUS = "E_PAGE_STATUS";

/**
 * A page whose server answered "come back later" (RFC 9110, section 10.2.3) is fetched again then, as if it had not been asked for; pyspider counts it
 * as a failure. Undefined when the rules for all other ends apply: the callback took the page all the same, or it was put off too often.
 *
 * @param heldBack how often in a row it has been put off.
 * @param now unix seconds.
 */
export function decideHoldBack(
  { fetch, process }: { fetch: Pick<FetchTrack, "retryAfterSeconds">; process: Pick<Outcome["process"], "error"> },
  { retried, heldBack }: { retried: number; heldBack: number },
  now: number,
): EndDecision | undefined {
  const { retryAfterSeconds } = fetch;
  if (retryAfterSeconds === undefined || process.error?.code !== PAGE_STATUS || heldBack >= MAX_HELD_BACK) return undefined;
  return { event: "retry", status: TASK_STATUS.ACTIVE, queue: TASK_QUEUE.waiting, exetime: now + retryAfterSeconds, retried };
}
