import { openSession, requireToken } from "./authentication.ts";
import { CrossOriginError } from "./errors.ts";
import { isCrossOrigin } from "./request-guard.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { SESSION_SECONDS, sessionCookie, signSession } from "./session.ts";
import { ALL_SESSIONS } from "./store/ended-sessions.ts";

/** Strict: no request from another site ever carries the session. */
const COOKIE = { path: "/", httpOnly: true, sameSite: "strict", secure: "auto" } as const;

/** Logging in and out by cookie, for browsers. */
export const sessionRoutes = (context: WebuiContext): ApiRoute[] =>
  [loginRoute, logoutRoute, endAllRoute, currentRoute].map((routeOf) => routeOf(context));

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
        .setCookie(sessionCookie(request.protocol), signSession(adminToken, Date.now()), { ...COOKIE, maxAge: SESSION_SECONDS })
        .send({ isLoggedIn: true });
    },
  });

const logoutRoute = (context: WebuiContext) =>
  apiRoute({
    method: "POST",
    path: "/logout",
    summary: "End the session: no replica accepts its cookie after a few seconds",
    isOpen: true,
    answers: { 200: schemas.session },
    async handle(_input, { request, reply }) {
      if (isCrossOrigin(request.headers)) throw new CrossOriginError();
      const session = await openSession(context, request);
      if (session) await context.endedSessions.end(session);
      return reply.clearCookie(sessionCookie(request.protocol), COOKIE).send({ isLoggedIn: false });
    },
  });

const endAllRoute = ({ endedSessions }: WebuiContext) =>
  apiRoute({
    method: "POST",
    path: "/logout-everywhere",
    summary: "End every session of all browsers; the token stays valid",
    answers: { 200: schemas.session },
    async handle(_input, { request, reply }) {
      await endedSessions.end(ALL_SESSIONS);
      return reply.clearCookie(sessionCookie(request.protocol), COOKIE).send({ isLoggedIn: false });
    },
  });

const currentRoute = (context: WebuiContext) =>
  apiRoute({
    method: "GET",
    path: "/session",
    summary: "Whether the cookie is valid, and the maximum rate and burst of a project",
    isOpen: true,
    answers: { 200: schemas.session },
    async handle(_input, { request }) {
      if (!(await openSession(context, request))) return { isLoggedIn: false };
      const { maxRate, maxBurst } = context.settings;
      return { isLoggedIn: true, maxRate, maxBurst };
    },
  });
