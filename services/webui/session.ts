import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

/** A session is valid for a working day; then the token is needed again. */
export const SESSION_SECONDS = 12 * 3_600;
const PLAIN_COOKIE = "orb_session";
const ID_BYTES = 16;

/** A browser's login. */
export interface Session {
  id: string;
  /** Unix milliseconds. */
  began: number;
}

/**
 * The session cookie's name. Over HTTPS it has the prefix with which browsers accept it only from this host, over HTTPS, for all paths
 * (RFC 6265bis, section 4.1.3.2). Over plain HTTP, as on loopback, they would refuse that name.
 */
export const sessionCookie = (protocol: string): string => (protocol === "https" ? `__Host-${PLAIN_COOKIE}` : PLAIN_COOKIE);

/** Compares in constant time, for any lengths. */
export function isSameSecret(given: string, expected: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

/**
 * A new session as `<id>.<begin>.<signature>`. Any replica that has the token accepts it, and a new token ends every session.
 *
 * @param now unix milliseconds.
 */
export function signSession(adminToken: string, now: number): string {
  const session = { id: randomBytes(ID_BYTES).toString("base64url"), began: Math.floor(now) };
  return `${session.id}.${session.began}.${signature(adminToken, session)}`;
}

/** The session in a cookie, if it was signed with this token and has not expired at `now` (unix milliseconds). */
export function readSession(adminToken: string, cookie: string, now: number): Session | undefined {
  const [, id, began, signed] = /^([\w-]{22})\.(\d{1,15})\.([\w-]{1,64})$/.exec(cookie) ?? [];
  if (!id || !began || !signed) return undefined;
  const session = { id, began: Number(began) };
  const isValid = isSameSecret(signed, signature(adminToken, session)) && session.began + SESSION_SECONDS * 1_000 > now;
  return isValid ? session : undefined;
}

function signature(adminToken: string, { id, began }: Session): string {
  const key = new Uint8Array(hkdfSync("sha256", adminToken, "", "orbweaver web session", 32));
  return createHmac("sha256", key).update(`${id}.${began}`).digest("base64url");
}
