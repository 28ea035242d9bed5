/** When the next certificate is ordered. Pure; times are Unix times in seconds. */

/** Of a certificate's lifetime: renewal starts at 1/3 left, as Let's Encrypt recommends. */
const RENEW_AT_LEFT = 1 / 3;
/** Of a certificate's lifetime: spreads the load on the CA, and moves the renewal earlier, never later. */
const MAX_JITTER = 1 / 20;

/**
 * When a certificate is renewed.
 *
 * @param random from 0 to 1.
 */
export function renewalTime({ notBefore, notAfter }: { notBefore: number; notAfter: number }, random: number): number {
  const lifetime = notAfter - notBefore;
  return notAfter - lifetime * (RENEW_AT_LEFT + random * MAX_JITTER);
}

/** Doubled with each failure: five orders in the first hour, which is what Let's Encrypt allows for one name. */
const FIRST_RETRY_SECONDS = 120;
const MAX_RETRY_SECONDS = 4 * 3_600;

/**
 * When an order that failed is tried again.
 *
 * @param failures in a row, this one included.
 * @param retryAfterSeconds requested by the CA; respected even if it is longer than our own limit.
 */
export function retryTime(now: number, { failures, retryAfterSeconds = 0 }: { failures: number; retryAfterSeconds?: number }): number {
  const backoff = Math.min(FIRST_RETRY_SECONDS * 2 ** Math.min(failures - 1, 30), MAX_RETRY_SECONDS);
  return now + Math.max(backoff, retryAfterSeconds);
}

/** The longest window of a limit of Let's Encrypt: a header beyond it is a mistake, and must not end all renewals. */
const MAX_RETRY_AFTER_SECONDS = 7 * 86_400;

/** Seconds of a Retry-After header (RFC 9110, section 10.2.3): a number, or a date. 0 if it is absent or unreadable, 7 days at most. */
export function retryAfterSeconds(header: string | null, nowSeconds: number): number {
  if (header === null) return 0;
  const seconds = /^\s*\d{1,9}\s*$/.test(header) ? Number(header) : secondsUntil(header, nowSeconds);
  return Math.min(Math.max(0, seconds), MAX_RETRY_AFTER_SECONDS);
}

/** `Thu, 01 Jan 1970 01:00:00 GMT` */
function secondsUntil(date: string, nowSeconds: number): number {
  const time = /^\s*[A-Z][a-z]{2}, .* GMT\s*$/.test(date) ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? 0 : Math.ceil(time / 1_000 - nowSeconds);
}
