import type { FastifyRequest } from "fastify";
import { CrossOriginError, TooManyLoginsError, UnauthorizedError } from "./errors.ts";
import { type LoginLimit, MAX_FAILED_LOGINS } from "./login-limit.ts";
import { isSameOrigin } from "./request-guard.ts";
import type { WebuiContext } from "./route.ts";
import { isSameSecret, readSession, type Session, sessionCookie } from "./session.ts";

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/**
 * Accepts a request with the token or a session cookie; with a cookie, a request that changes something must come from our own page.
 *
 * Rejects with UnauthorizedError, TooManyLoginsError, CrossOriginError, or if Postgres cannot be queried for ended sessions.
 */
export async function requireLogin(context: WebuiContext, request: FastifyRequest): Promise<void> {
  const { settings, limits } = context;
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) {
    requireToken(bearer, { adminToken: settings.adminToken, limit: limits.header, ip: request.ip });
    return;
  }
  if (!(await openSession(context, request))) throw new UnauthorizedError();
  if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request.headers)) throw new CrossOriginError();
}

/** @throws UnauthorizedError, and TooManyLoginsError after too many wrong tokens from one address. */
export function requireToken(token: string, { adminToken, limit, ip }: { adminToken: string; limit: LoginLimit; ip: string }): void {
  if (!limit.allows(ip, Date.now())) throw new TooManyLoginsError(MAX_FAILED_LOGINS);
  if (isSameSecret(token, adminToken)) return;
  limit.countFailure(ip, token, Date.now());
  throw new UnauthorizedError();
}

/** The request's session, if it is valid. Rejects if Postgres cannot be queried for ended sessions. */
export async function openSession(
  { settings: { adminToken }, endedSessions }: WebuiContext,
  request: FastifyRequest,
): Promise<Session | undefined> {
  const cookie = request.cookies[sessionCookie(request.protocol)];
  const session = cookie === undefined ? undefined : readSession(adminToken, cookie, Date.now());
  return session && !(await endedSessions.has(session)) ? session : undefined;
}
