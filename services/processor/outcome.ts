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
  const track: FetchTrack = {
    ok,
    statusCode: page.statusCode,
    timeMs: page.timeMs,
    bytes: page.content.byteLength + (page.screenshot?.length ?? 0),
  };
  if (page.url !== page.origUrl) track.redirectUrl = page.url;
  if (page.error) track.error = page.error;
  if (page.crawlDelaySeconds !== undefined) track.crawlDelaySeconds = page.crawlDelaySeconds;
  const retryAfterSeconds = readRetryAfter(page, Date.now());
  if (retryAfterSeconds !== undefined) track.retryAfterSeconds = retryAfterSeconds;
  if (!ok) return track;
  const kept = page.statusCode === 304 ? order.validators : undefined;
  const etag = page.headers.etag ?? kept?.etag;
  const lastModified = page.headers["last-modified"] ?? kept?.lastModified;
  return { ...track, ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

/** Who asks for patience says so with these (RFC 6585, section 4; RFC 9110, section 15.6.4). */
const PATIENCE_STATUSES = [429, 503];
/** A server that wants more is asked again all the same. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** `Retry-After` of a page with status 429 or 503, seconds or a date, as seconds from `nowMs`, an hour at most; undefined where there is none. */
export function readRetryAfter({ statusCode, headers }: Pick<Page, "statusCode" | "headers">, nowMs: number): number | undefined {
  if (!PATIENCE_STATUSES.includes(statusCode)) return undefined;
  const said = headers["retry-after"]?.trim() ?? "";
  const seconds = /^\d+$/.test(said) ? Number(said) : (Date.parse(said) - nowMs) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, seconds));
}
