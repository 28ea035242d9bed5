import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import fastify, { type FastifyInstance } from "fastify";
import { TIME_LIMITS } from "../protocol/time-limits.ts";
import { ListenError } from "./process-errors.ts";
import { limitConnections, SERVER_LIMITS, type ServerLimits, serverOptionsOf } from "./server-limits.ts";

/** Maximum characters of one path segment, escapes included: task ids have up to 255 characters, which take up to nine each. */
const MAX_PARAM_LENGTH = 2_295;

/** The options of a role's server. */
export interface RoleServerOptions {
  host: string;
  /** 0 selects a free port. */
  port: number;
  /** Whether its backing services answer now. */
  isConnected: () => boolean;
  /** Why the role does not work although it is connected; undefined while it works. One line. */
  problem?: () => string | undefined;
  /** Address ranges whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted: those of balancers. */
  trustedProxies?: string[];
  /** Adds the role's own routes. */
  register?: (app: FastifyInstance) => void | Promise<void>;
  /** By default `SERVER_LIMITS`. */
  limits?: ServerLimits;
  /** The flag or variable that sets another port, for the message when this one is taken. */
  portSetting?: string;
}

/** Disposing closes the server: running requests may finish within the drain limit. */
export interface RoleServer extends AsyncDisposable {
  port: number;
  /** After this call `/healthz` answers 404, so that a balancer sends no new requests. */
  drain(): void;
}

/**
 * The HTTP server of every role.
 *
 * `GET /livez`: 200 while the process answers. So a restart of a backing service restarts no role.
 * `GET /healthz`: 404 while draining, 503 without its backing services, or if the role reports a problem; otherwise 200.
 * `GET /metrics`: Prometheus.
 *
 * @throws ListenError if the port is taken or the address is not this machine's.
 */
export async function serveRole(options: RoleServerOptions): Promise<RoleServer> {
  const { limits = SERVER_LIMITS } = options;
  const { requestTimeout, keepAliveTimeout, ...http } = serverOptionsOf(limits);
  const app: FastifyInstance = fastify({
    ...{ requestTimeout, keepAliveTimeout, http },
    return503OnClosing: false,
    forceCloseConnections: "idle",
    trustProxy: options.trustedProxies ?? false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // A path that the router cannot decode is refused like any other bad request.
    frameworkErrors: (error, request, reply) => app.errorHandler(error, request, reply),
  });
  limitConnections(app.server, limits);
  let isDraining = false;
  const answer = (statusCode: number, text: string) => ({ statusCode, text });
  const liveness = () => answer(200, "ok");
  const health = () => {
    if (isDraining) return answer(404, "draining");
    if (!options.isConnected()) return answer(503, "cut off");
    const problem = options.problem?.();
    return problem === undefined ? answer(200, "ok") : answer(503, problem);
  };
  for (const [path, state] of [
    ["/livez", liveness],
    ["/healthz", health],
  ] as const) {
    app.get(path, async (_request, reply) => reply.code(state().statusCode).type("text/plain").send(`${state().text}\n`));
  }
  app.get("/metrics", async (_request, reply) => {
    // Loaded on the first request.
    const { renderMetrics } = await import("./metrics.ts");
    const { contentType, text } = await renderMetrics();
    return reply.type(contentType).send(text);
  });
  await options.register?.(app);
  await listen(app, options);
  return {
    port: (app.server.address() as AddressInfo).port,
    drain: () => {
      isDraining = true;
    },
    [Symbol.asyncDispose]: () => closeWithin(app, TIME_LIMITS.drainMs),
  };
}

async function listen(app: FastifyInstance, { host, port, portSetting = "ORB_PORT" }: RoleServerOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new ListenError({ host, port, remedy: `Stop that process, or choose another port with ${portSetting}.` }, error);
  }
}

async function closeWithin(app: FastifyInstance, limitMs: number): Promise<void> {
  const timer = new AbortController();
  const cutOff = delay(limitMs, undefined, { signal: timer.signal }).then(
    () => app.server.closeAllConnections(),
    () => {},
  );
  await app.close();
  timer.abort();
  await cutOff;
}
