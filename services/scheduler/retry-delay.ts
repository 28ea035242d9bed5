/** pyspider's 30 s, 1 h, 6 h, 12 h, then 24 h each time (binux/pyspider docs/About-Tasks.md). */
export const DEFAULT_RETRY_DELAYS_SECONDS: readonly number[] = [30, 3_600, 21_600, 43_200, 86_400];

/** For reading a script's declarations: no other task of the project runs before that has succeeded. */
export const INFO_RETRY_DELAYS_SECONDS: readonly number[] = [1, 5, 30];

/**
 * How long a failed task waits before its next try. The last delay of the list applies to all further failures. A page's age is the upper limit,
 * because the page would be crawled again after it.
 *
 * @param retried failures before this one, a whole number from 0.
 * @param ageSeconds how long the page stays fresh; negative means always (pyspider gives up immediately if that is set).
 * @param delays seconds from 0, at least one.
 */
export function retryDelaySeconds(retried: number, ageSeconds: number, delays: readonly number[]): number {
  const delay = delays[Math.min(retried, delays.length - 1)] ?? 0;
  return ageSeconds >= 0 ? Math.min(delay, ageSeconds) : delay;
}
