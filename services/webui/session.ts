import { createHash, createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

/** A session holds for a working day, then asks for the token again. */
export const SESSION_SECONDS = 12 * 3_600;
export const SESSION_COOKIE = "orb_session";

/** Compares in constant time, whatever the lengths. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * A session as `<expiry>.<signature>`. It says all there is to know, so any replica that has the token accepts it, and a new token ends
 * every session.
 *
 * @param now unix seconds.
 */
export function signSession(adminToken: string, now: number): string {
  const expires = Math.floor(now) + SESSION_SECONDS;
  return `${expires}.${signature(adminToken, expires)}`;
}

/** Whether `session` was signed with this token and has not expired at `now` (unix seconds). */
export function isValidSession(adminToken: string, session: string, now: number): boolean {
  const [, expires, signed] = /^(\d{1,12})\.([\w-]{1,64})$/.exec(session) ?? [];
  if (!expires || !signed) return false;
  return isSameSecret(signed, signature(adminToken, Number(expires))) && Number(expires) > now;
}

function signature(adminToken: string, expires: number): string {
  const key = new Uint8Array(hkdfSync("sha256", adminToken, "", "orbweaver web session", 32));
  return createHmac("sha256", key).update(String(expires)).digest("base64url");
}
