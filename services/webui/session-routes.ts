import { hasSession, requireToken } from "./authentication.ts";
import { CrossOriginError } from "./errors.ts";
import { isCrossOrigin } from "./request-guard.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { SESSION_COOKIE, SESSION_SECONDS, signSession } from "./session.ts";

/** Strict: no link or form of another site ever carries the session. */
const COOKIE = { path: "/", httpOnly: true, sameSite: "strict", secure: "auto" } as const;

/** Logging in and out by cookie, for browsers. */
export const sessionRoutes = (context: WebuiContext): ApiRoute[] => [loginRoute(context), logoutRoute(), currentRoute(context)];

const loginRoute = ({ settings: { adminToken }, limits }: WebuiContext) =>
  apiRoute({
    method: "POST",
    path: "/login",
    summary: "Exchange the administrator's token for a session cookie of 12 hours",
    isOpen: true,
    body: schemas.loginBody,
    answers: { 200: schemas.session },
    async handle({ body: { token } }, { request, reply }) {
      if (isCrossOrigin(request.headers)) throw new CrossOriginError();
      requireToken(token.trim(), { adminToken, limit: limits.login, ip: request.ip });
      return reply
        .setCookie(SESSION_COOKIE, signSession(adminToken, Date.now() / 1_000), { ...COOKIE, maxAge: SESSION_SECONDS })
        .send({ isLoggedIn: true });
    },
  });

const logoutRoute = () =>
  apiRoute({
    method: "POST",
    path: "/logout",
    summary: "Forget the session cookie",
    isOpen: true,
    answers: { 200: schemas.session },
    async handle(_input, { request, reply }) {
      if (isCrossOrigin(request.headers)) throw new CrossOriginError();
      return reply.clearCookie(SESSION_COOKIE, COOKIE).send({ isLoggedIn: false });
    },
  });

const currentRoute = ({ settings: { adminToken, maxRate, maxBurst } }: WebuiContext) =>
  apiRoute({
    method: "GET",
    path: "/session",
    summary: "Whether the cookie is good, and what a project may be given at most",
    isOpen: true,
    answers: { 200: schemas.session },
    handle: async (_input, { request }) =>
      hasSession(adminToken, request) ? { isLoggedIn: true, maxRate, maxBurst } : { isLoggedIn: false },
  });
