import { isHeaderValue } from "../core/protocol/checks.ts";
import { resultUrl } from "../core/protocol/message-task.ts";
import type { FetchedPage, FetchOrder, FetchTrack, Outcome, Page } from "../core/protocol/messages.ts";
import { isPageOk } from "../core/protocol/page-ok.ts";
import type { SandboxResult } from "../sandbox/sandbox.ts";
import { isBlocked } from "./blocked.ts";

/** The data of a run for the scheduler and the result-worker. */
export function toOutcome({ order, page }: FetchedPage, result: SandboxResult, run: string): Outcome {
  const { project, taskid, attempt } = order;
  return { kind: "outcome", project, taskid, attempt, run, url: resultUrl(order), fetch: trackFetch(order, page), ...result };
}

/** ETag and Last-Modified are kept only of good pages: an error page must not come back as "not modified". */
export function trackFetch(order: FetchOrder, page: Page): FetchTrack {
  const ok = isPageOk(page, order.fetch);
  const track: FetchTrack = {
    ok,
    statusCode: page.statusCode,
    timeMs: page.timeMs,
    bytes: bytesOf(page),
  };
  if (page.url !== page.origUrl) track.redirectUrl = page.url;
  if (page.error) track.error = page.error;
  if (page.crawlDelaySeconds !== undefined) track.crawlDelaySeconds = page.crawlDelaySeconds;
  const retryAfterSeconds = readRetryAfter(page, Date.now());
  if (retryAfterSeconds !== undefined) track.retryAfterSeconds = retryAfterSeconds;
  if (!ok && isBlocked(page)) track.isBlocked = true;
  if (!ok) return track;
  const kept = page.statusCode === 304 ? order.validators : undefined;
  const etag = sendable(page.headers.etag) ?? kept?.etag;
  const lastModified = sendable(page.headers["last-modified"]) ?? kept?.lastModified;
  return { ...track, ...(etag === undefined ? {} : { etag }), ...(lastModified === undefined ? {} : { lastModified }) };
}

/** A validator is stored, and sent with the next request: one that cannot be is left out. */
const sendable = (validator: string | undefined) => (isHeaderValue(validator) ? validator : undefined);

/** The statuses of servers that request a delay (RFC 6585, section 4; RFC 9110, section 15.6.4). */
const PATIENCE_STATUSES = [429, 503];
/** The maximum; a longer Retry-After is cut to it. */
const MAX_RETRY_AFTER_SECONDS = 3_600;

/** `Retry-After` of a page with status 429 or 503, seconds or a date, as seconds from `nowMs`, an hour at most; undefined if absent. */
export function readRetryAfter({ statusCode, headers }: Pick<Page, "statusCode" | "headers">, nowMs: number): number | undefined {
  if (!PATIENCE_STATUSES.includes(statusCode)) return undefined;
  const said = headers["retry-after"]?.trim() ?? "";
  const seconds = /^\d+$/.test(said) ? Number(said) : (Date.parse(said) - nowMs) / 1_000;
  return Number.isNaN(seconds) ? undefined : Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, seconds));
}

const bytesOf = ({ content, screenshot = "", requests = [] }: Page): number =>
  requests.reduce((sum, { text }) => sum + text.length, content.byteLength + screenshot.length);
