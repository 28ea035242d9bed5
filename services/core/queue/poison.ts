import { toTaskError } from "../errors.ts";
import type { FetchedPage, FetchOrder, FetchTrack, Outcome, Page, TaskError } from "../messages.ts";
import type { Lease } from "../queue.ts";
import { PoisonTaskError } from "./errors.ts";

/**
 * What a poison message says on the way back: the step that it killed failed with `E_POISON_TASK`, and `dead` holds the evidence.
 * From `fetcher2processor`, the fetch is reported as it went.
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
    fetch: fetchTrackOf(page, error),
    process: { ok: false, timeMs: 0, follows: 0, logs: "", error },
    results: null,
    follows: [],
    messages: [],
    dead: { queue, deliveries, reason },
  };
}

function partsOf(message: FetchOrder | FetchedPage): { order: FetchOrder; page?: Page } {
  return "page" in message ? message : { order: message };
}

/** Without a page it was the fetch that failed, with `error`. 599 stands for "no complete answer". */
function fetchTrackOf(page: Page | undefined, error: TaskError): FetchTrack {
  if (!page) return { ok: false, statusCode: 599, timeMs: 0, bytes: 0, error };
  const { statusCode, timeMs, content } = page;
  const ok = page.error === undefined && statusCode < 400;
  return { ok, statusCode, timeMs, bytes: content.length, ...(page.error && { error: page.error }) };
}
