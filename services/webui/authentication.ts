import type { FastifyRequest } from "fastify";
import { CrossOriginError, TooManyLoginsError, UnauthorizedError } from "./errors.ts";
import { type LoginLimit, MAX_FAILED_LOGINS } from "./login-limit.ts";
import { isSameOrigin } from "./request-guard.ts";
import type { WebuiContext } from "./route.ts";
import { isSameSecret, isValidSession, SESSION_COOKIE } from "./session.ts";

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/**
 * Lets a request pass that carries the token, or a session cookie; with a cookie, one that changes something must come from our own page.
 *
 * @throws UnauthorizedError, TooManyLoginsError, CrossOriginError.
 */
export function requireLogin({ settings: { adminToken }, limits }: WebuiContext, request: FastifyRequest): void {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) {
    requireToken(bearer, { adminToken, limit: limits.header, ip: request.ip });
    return;
  }
  if (!hasSession(adminToken, request)) throw new UnauthorizedError();
  if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request.headers)) throw new CrossOriginError();
}

/** @throws UnauthorizedError, and TooManyLoginsError once too many wrong ones have come from the same address. */
export function requireToken(token: string, { adminToken, limit, ip }: { adminToken: string; limit: LoginLimit; ip: string }): void {
  if (!limit.allows(ip, Date.now())) throw new TooManyLoginsError(MAX_FAILED_LOGINS);
  if (isSameSecret(token, adminToken)) return;
  limit.countFailure(ip, token, Date.now());
  throw new UnauthorizedError();
}

/** Whether the request carries a session that is still good. */
export function hasSession(adminToken: string, request: FastifyRequest): boolean {
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie !== undefined && isValidSession(adminToken, cookie, Date.now() / 1_000);
}
