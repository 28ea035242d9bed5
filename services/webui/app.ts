import cookie from "@fastify/cookie";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { BadInputError } from "../core/protocol/errors.ts";
import { JSON_LIMITS, type JsonLimitError, parseJson } from "../core/protocol/json-limits.ts";
import { actionRoutes } from "./action-routes.ts";
import { activityRoutes } from "./activity-routes.ts";
import { requireLogin } from "./authentication.ts";
import { addCertificateRoutes } from "./certificate-routes.ts";
import { compressAnswers } from "./compression.ts";
import { debugRoutes } from "./debug-routes.ts";
import { HostRefusedError, MethodNotAllowedError } from "./errors.ts";
import { eventRoutes } from "./event-routes.ts";
import { toFailure } from "./failure.ts";
import { failureRoutes } from "./failure-routes.ts";
import { healthRoutes } from "./health-routes.ts";
import { LiveHub } from "./live/hub.ts";
import { API_ROOT, describeApi } from "./openapi.ts";
import { registerPages } from "./page-files.ts";
import { projectRoutes } from "./project-routes.ts";
import { isHostAccepted } from "./request-guard.ts";
import { resultRoutes } from "./result-routes.ts";
import { type ApiRoute, refusalFor, SMALL_BODY_BYTES, type WebuiContext } from "./route.ts";
import { sessionRoutes } from "./session-routes.ts";
import { statusRoutes } from "./status-routes.ts";
import { summaryRoutes } from "./summary-routes.ts";
import { taskRoutes } from "./task-routes.ts";
import { versionRoutes } from "./version-routes.ts";

/** Only our own scripts, styles and frames; pages never leak their address. */
const SECURITY_HEADERS = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; " +
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  // For browsers without frame-ancestors.
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Adds the REST API and the pages to a server. */
export async function registerWebui(app: FastifyInstance, context: WebuiContext): Promise<void> {
  const hub = new LiveHub();
  const routesOfData = [
    projectRoutes,
    versionRoutes,
    summaryRoutes,
    healthRoutes,
    debugRoutes,
    actionRoutes,
    failureRoutes,
    activityRoutes,
    resultRoutes,
    taskRoutes,
    statusRoutes,
    sessionRoutes,
  ].flatMap((routesOf) => routesOf(context));
  const routes = [...routesOfData, ...eventRoutes(context, hub, routesOfData)];
  app.addHook("preClose", async () => hub.close());
  await app.register(cookie);
  await compressAnswers(app);
  takeOnlyJson(app);
  app.addHook("onRequest", async (request, reply) => {
    reply.headers(SECURITY_HEADERS);
    if (!isHostAccepted(context.settings.host, request.headers.host)) throw new HostRefusedError(request.headers.host);
  });
  app.setErrorHandler((error, request, reply) => sendFailure(error, { request, reply, context }));
  for (const route of routes) addRoute(app, route, context);
  addCertificateRoutes(app, context);
  const document = describeApi(routes);
  app.get(`${API_ROOT}/openapi.json`, async () => document);
  await registerPages(app, {
    isApiPath: (path) => path === "/api" || path.startsWith("/api/"),
    refuse: (method, path) => refusalFor([...routes, { method: "GET", path: "/openapi.json" }], method, path.replace(API_ROOT, "")),
  });
}

function addRoute(app: FastifyInstance, { method, path, isOpen, bodyLimitBytes, run }: ApiRoute, context: WebuiContext): void {
  app.route({
    method,
    url: API_ROOT + path,
    bodyLimit: bodyLimitBytes ?? SMALL_BODY_BYTES,
    onRequest: async (request, reply) => {
      reply.header("cache-control", "no-store");
      if (!isOpen) await requireLogin(context, request);
    },
    handler: run,
  });
}

/** A body of any other type is refused: another site's form can send text, but not JSON. An empty body counts as absent. */
function takeOnlyJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "string" }, async (_request: FastifyRequest, text: string | Buffer) =>
    text.length === 0 ? undefined : readBody(String(text)),
  );
}

function readBody(text: string): unknown {
  try {
    return parseJson(text, JSON_LIMITS.body);
  } catch (error) {
    throw new BadInputError("The body is not valid", [{ path: "(all)", remedy: `${(error as JsonLimitError).message}: correct the body` }]);
  }
}

function sendFailure(
  error: unknown,
  { request, reply, context }: { request: FastifyRequest; reply: FastifyReply; context: WebuiContext },
): FastifyReply {
  const { status, body } = toFailure(error, {
    id: request.id,
    contentType: request.headers["content-type"],
    bodyLimitBytes: request.routeOptions.bodyLimit,
  });
  if (status >= 500) context.log.error({ err: error, requestId: request.id, method: request.method, url: request.url }, "a request failed");
  // If the router cannot decode a path, no hook runs.
  reply.headers(SECURITY_HEADERS);
  if (error instanceof MethodNotAllowedError) reply.header("allow", error.allowed.join(", "));
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(status).type("application/json; charset=utf-8").send(body);
}
