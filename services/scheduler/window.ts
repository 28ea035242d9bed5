/**
 * How many tasks of one project may be in flight: few at first, and one more with each that comes back well and in time, as TCP finds its pace (RFC 5681).
 *
 * Workers take what comes first, whoever it belongs to. So what hangs in them, a script that loops or a site that trickles, must not be ordered by the
 * hundred before the first of it has come back.
 */

/** Half of what a fetcher of the fleet fetches at once. A project that does well has all it may have after a few round trips. */
export const FIRST_WINDOW = 16;
/** What takes longer from dispatch to outcome hangs, or stands behind others: more of it would help nobody. */
export const SLOW_SECONDS = 10;
/** Each such end takes the place of four good ones: a crawl of many hosts, of which every tenth is dead, keeps all that it may have. */
const SLOW_COST = 4;

/** The window after one more end of a task, at most `most`; it never falls below FIRST_WINDOW. */
export function nextWindow(window: number, { ok, seconds }: { ok: boolean; seconds: number }, most: number): number {
  if (seconds > SLOW_SECONDS) return Math.max(FIRST_WINDOW, window - SLOW_COST);
  return ok ? Math.max(window, Math.min(most, window + 1)) : window;
}
