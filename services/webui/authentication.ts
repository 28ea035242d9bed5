import type { FastifyRequest } from "fastify";
import { CrossOriginError, UnauthorizedError } from "./errors.ts";
import { isSameOrigin } from "./request-guard.ts";
import { isSameSecret, isValidSession, SESSION_COOKIE } from "./session.ts";

const SAFE_METHODS = new Set(["GET", "HEAD"]);

/**
 * Lets a request pass that carries the token, or a session cookie; with a cookie, one that changes something must come from our own page.
 *
 * @throws UnauthorizedError, CrossOriginError.
 */
export function requireLogin(adminToken: string, request: FastifyRequest): void {
  const bearer = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer !== undefined) {
    if (isSameSecret(bearer, adminToken)) return;
    throw new UnauthorizedError();
  }
  if (!hasSession(adminToken, request)) throw new UnauthorizedError();
  if (!SAFE_METHODS.has(request.method) && !isSameOrigin(request.headers)) throw new CrossOriginError();
}

/** Whether the request carries a session that is still good. */
export function hasSession(adminToken: string, request: FastifyRequest): boolean {
  const cookie = request.cookies[SESSION_COOKIE];
  return cookie !== undefined && isValidSession(adminToken, cookie, Date.now() / 1_000);
}
