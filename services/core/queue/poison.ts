import { toTaskError } from "../protocol/errors.ts";
import type { FetchedPage, FetchOrder, FetchTrack, Outcome, Page, TaskError } from "../protocol/messages.ts";
import { isPageOk } from "../protocol/page-ok.ts";
import { PoisonTaskError } from "./errors.ts";
import type { Lease } from "./queue.ts";

/**
 * The outcome of a quarantined message: the step that it killed failed with `E_POISON_TASK`, and `dead` has the evidence. For a message from
 * `fetcher2processor`, the outcome includes the fetch as it was.
 */
export function poisonOutcome(lease: Lease<"scheduler2fetcher"> | Lease<"fetcher2processor">, reason: string): Outcome {
  const { queue, deliveries } = lease;
  const { order, page } = partsOf(lease.message);
  const error = toTaskError(new PoisonTaskError(queue, deliveries, reason));
  return {
    kind: "outcome",
    project: order.project,
    taskid: order.taskid,
    attempt: order.attempt,
    run: `poison-${queue}-${lease.id}`,
    url: order.url,
    fetch: fetchTrackOf(order, page, error),
    process: { ok: false, timeMs: 0, follows: 0, logs: "", error },
    results: null,
    follows: [],
    messages: [],
    dead: { queue, deliveries, reason },
  };
}

/** The order of a message, and its page if it has one. */
export function partsOf(message: FetchOrder | FetchedPage): { order: FetchOrder; page?: Page } {
  return "page" in message ? message : { order: message };
}

/** Without a page the fetch failed, with `error`. 599 means "no complete response". */
function fetchTrackOf({ fetch }: FetchOrder, page: Page | undefined, error: TaskError): FetchTrack {
  if (!page) return { ok: false, statusCode: 599, timeMs: 0, bytes: 0, error };
  const { statusCode, timeMs, content } = page;
  return { ok: isPageOk(page, fetch), statusCode, timeMs, bytes: content.length, ...(page.error && { error: page.error }) };
}
