import { resultUrl } from "../core/message-task.ts";
import type { FetchedPage, FetchOrder, FetchTrack, Outcome, Page } from "../core/messages.ts";
import type { SandboxResult } from "../script/sandbox.ts";

/** What the scheduler and the result-worker get to know of a run. */
export function toOutcome({ order, page }: FetchedPage, result: SandboxResult, run: string): Outcome {
  const { project, taskid, attempt } = order;
  return { kind: "outcome", project, taskid, attempt, run, url: resultUrl(order), fetch: trackFetch(order, page), ...result };
}

/** A complete answer with status 2xx or 304, or 3xx where redirects were not to be followed. */
export function isPageOk({ fetch }: FetchOrder, { statusCode, error }: Page): boolean {
  if (error) return false;
  return (
    (statusCode >= 200 && statusCode < 300) ||
    statusCode === 304 ||
    (fetch.allowRedirects === false && statusCode >= 300 && statusCode < 400)
  );
}

/** ETag and Last-Modified are kept of good pages alone: an error page must not come back as "not modified". */
export function trackFetch(order: FetchOrder, page: Page): FetchTrack {
  const ok = isPageOk(order, page);
  const track: FetchTrack = { ok, statusCode: page.statusCode, timeMs: page.timeMs, bytes: page.content.byteLength };
  if (page.url !== page.origUrl) track.redirectUrl = page.url;
  if (page.error) track.error = page.error;
  if (!ok) return track;
  const kept = page.statusCode === 304 ? order.validators : undefined;
  const etag = page.headers.etag ?? kept?.etag;
  const lastModified = page.headers["last-modified"] ?? kept?.lastModified;
  return { ...track, ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}
