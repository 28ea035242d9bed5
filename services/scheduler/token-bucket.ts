/** How many tasks a project may start: `rate` per second, saved up to `burst`. */
export interface TokenBucket {
  tokens: number;
  /** Unix seconds, with fractions. */
  filledAt: number;
}

/**
 * The bucket at `now`. Unlike pyspider's (libs/token_bucket.py) it begins full and credits fractions, so that rate 0.5 means one task per 2 s.
 * A clock that goes back credits nothing.
 */
export function fill(bucket: TokenBucket | undefined, { rate, burst }: { rate: number; burst: number }, now: number): TokenBucket {
  if (!bucket) return { tokens: burst, filledAt: now };
  const elapsed = Math.max(0, now - bucket.filledAt);
  return { tokens: Math.min(burst, bucket.tokens + elapsed * rate), filledAt: now };
}

/** Whole tasks that the bucket allows. Rate 0 allows none, and so does a burst below 1, as in pyspider. */
export function allowance(bucket: TokenBucket, { rate, burst }: { rate: number; burst: number }): number {
  return rate > 0 && burst >= 1 ? Math.floor(bucket.tokens) : 0;
}
