/** When the network of a page is quiet enough for it to be read: decisions alone. */

/** Without a request for this long, a page with timers, sockets or scripts of the task counts as complete; pyspider's `wait_before_end`. */
export const QUIET_MS = 1_000;
/** The same for a page that has scheduled nothing: time for what scripts do between two frames. */
export const SETTLED_MS = 100;
/** The end of `waitFor: "networkidle"`; puppeteer's `networkidle0`. */
export const IDLE_MS = 500;
/** A request for an address that the page has already requested so often is polling: the page is not complete any later because of it. */
const POLLED_COUNT = 3;
/** A request may be open for so long, or half of the page's time limit, before it counts as long polling. */
const LONG_POLL_MS = 20_000;

/** A request of a page. Times are those of one monotonic clock, in milliseconds. */
export interface SeenRequest {
  url: string;
  method: string;
  startedAt: number;
  /** Undefined while it is open. */
  endedAt: number | undefined;
  /** Requests for the same method, origin and path before it. */
  repeats: number;
}

export interface NetworkState {
  /** The last event that began the wait: the page has loaded, or its script has ended. */
  since: number;
  requests: readonly SeenRequest[];
}

const isPolling = ({ repeats }: SeenRequest) => repeats >= POLLED_COUNT;

/** Open requests that are not awaited any longer. */
export const longPolls = ({ requests, since }: NetworkState, now: number, limitMs: number): SeenRequest[] =>
  requests.filter(
    (request) =>
      request.endedAt === undefined &&
      !isPolling(request) &&
      now - Math.max(since, request.startedAt) >= Math.min(LONG_POLL_MS, limitMs / 2),
  );

/** Requests that keep a page from being complete: open, and neither polling nor long polling. */
export function awaitedRequests(state: NetworkState, now: number, limitMs: number): SeenRequest[] {
  const ignored = new Set(longPolls(state, now, limitMs));
  return state.requests.filter((request) => request.endedAt === undefined && !isPolling(request) && !ignored.has(request));
}

/**
 * For how long the page has been quiet, in milliseconds; 0 while a request is awaited. Polling does not count.
 *
 * @param limitMs the page's time limit.
 */
export function quietMs(state: NetworkState, now: number, limitMs: number): number {
  if (awaitedRequests(state, now, limitMs).length > 0) return 0;
  const ends = state.requests.filter((request) => !isPolling(request)).map(({ startedAt, endedAt }) => endedAt ?? startedAt);
  return now - ends.reduce((last, end) => Math.max(last, end), state.since);
}

/** For how long no request has been open at all, in milliseconds. */
export function idleMs({ since, requests }: NetworkState, now: number): number {
  if (requests.some(({ endedAt }) => endedAt === undefined)) return 0;
  return now - requests.reduce((last, { endedAt = now }) => Math.max(last, endedAt), since);
}
