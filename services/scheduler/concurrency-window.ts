/**
 * How many tasks of one project may be in flight: few at first, then one more per task that succeeds in time, as in TCP's congestion control (RFC 5681).
 *
 * Workers take tasks in order, whatever their project. Hanging tasks, from a script that loops or a slow site, must not fill the worker slots, so
 * few are dispatched before the first has come back.
 */

/** Half of the concurrency of a fleet's fetcher. A project without failures reaches its limit after a few round trips. */
export const FIRST_WINDOW = 16;
/** A task that takes longer from dispatch to outcome hangs, or waits behind others: more tasks would not help. */
export const SLOW_SECONDS = 10;
/** Each such end reduces the window by four successes: a crawl of many hosts, one in ten of which is down, keeps its full window. */
const SLOW_COST = 4;

/** The window after one more end of a task, at most `most`; it never falls below FIRST_WINDOW. */
export function nextWindow(window: number, { ok, seconds }: { ok: boolean; seconds: number }, most: number): number {
  if (seconds > SLOW_SECONDS) return Math.max(FIRST_WINDOW, window - SLOW_COST);
  return ok ? Math.max(window, Math.min(most, window + 1)) : window;
}
