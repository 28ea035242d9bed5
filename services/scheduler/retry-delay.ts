/** pyspider's 30 s, 1 h, 6 h, 12 h, then 24 h each time (binux/pyspider docs/About-Tasks.md). */
export const DEFAULT_RETRY_DELAYS_SECONDS: readonly number[] = [30, 3_600, 21_600, 43_200, 86_400];

/** For the platform's question what a script says of itself: nothing of the project runs before it is answered. */
export const INFO_RETRY_DELAYS_SECONDS: readonly number[] = [1, 5, 30];

/**
 * How long a failed task waits before its next try. The last delay of the list applies from then on; a page's age caps it, because
 * by then it would be crawled anyway.
 *
 * @param retried failures before this one, a whole number from 0.
 * @param ageSeconds how long the page stays fresh; negative is for ever (pyspider gives up at once when that is written out).
 * @param delays seconds from 0, at least one.
 */
export function retryDelaySeconds(retried: number, ageSeconds: number, delays: readonly number[]): number {
  const delay = delays[Math.min(retried, delays.length - 1)] ?? 0;
  return ageSeconds >= 0 ? Math.min(delay, ageSeconds) : delay;
}
