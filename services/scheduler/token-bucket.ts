/** How many tasks a project may start: `rate` a second, saved up to `burst`. */
export interface TokenBucket {
  tokens: number;
  /** Unix seconds, with fractions. */
  filledAt: number;
}

/**
 * The bucket as of `now`. Unlike pyspider's (libs/token_bucket.py) it begins full and credits fractions, so that rate 0.5 is one
 * task each 2 s. A clock that goes back credits nothing.
 */
export function fill(bucket: TokenBucket | undefined, { rate, burst }: { rate: number; burst: number }, now: number): TokenBucket {
  if (!bucket) return { tokens: burst, filledAt: now };
  const elapsed = Math.max(0, now - bucket.filledAt);
  return { tokens: Math.min(burst, bucket.tokens + elapsed * rate), filledAt: now };
}

/** Whole tasks that the bucket allows. Rate 0 allows none, and neither does burst below 1, as in pyspider. */
export function allowance(bucket: TokenBucket, { rate, burst }: { rate: number; burst: number }): number {
  return rate > 0 && burst >= 1 ? Math.floor(bucket.tokens) : 0;
}
