import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import fastify, { type FastifyInstance } from "fastify";
import { ListenError } from "./process-errors.ts";
import { TIME_LIMITS } from "./time-limits.ts";

/** Characters of one part of a path, escapes and all: ids of tasks have up to 255 characters, which take up to nine each. */
const MAX_PARAM_LENGTH = 2_295;

/** How a role's server is opened. */
export interface RoleServerOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Whether the role can do its work. Once it could, the process counts as alive for good. */
  isReady: () => boolean;
  /** Whether its backing services answer right now. */
  isConnected: () => boolean;
  /** Ranges of addresses whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed: those of balancers. */
  trustedProxies?: string[];
  /** Adds the role's own routes. */
  register?: (app: FastifyInstance) => void | Promise<void>;
  /** The flag or variable that chooses another port, for the message when this one is taken. */
  portSetting?: string;
}

/** Disposing closes it: requests that run may end, within the drain limit. */
export interface RoleServer extends AsyncDisposable {
  port: number;
  /** From now on `/healthz` answers 404, so that a balancer sends nothing new. */
  drain(): void;
}

/**
 * The HTTP server that every role has.
 *
 * `GET /livez`: 503 until first ready, then 200 for as long as the process answers, so that a backing service that restarts kills nobody.
 * `GET /healthz`: 404 while draining, 503 when not ready or cut off from a backing service, otherwise 200.
 * `GET /metrics`: Prometheus.
 *
 * @throws ListenError if the port is taken or the address is not this machine's.
 */
export async function serveRole(options: RoleServerOptions): Promise<RoleServer> {
  const app: FastifyInstance = fastify({
    return503OnClosing: false,
    forceCloseConnections: "idle",
    trustProxy: options.trustedProxies ?? false,
    routerOptions: { maxParamLength: MAX_PARAM_LENGTH },
    // A path that the router cannot read is refused like everything else.
    frameworkErrors: (error, request, reply) => app.errorHandler(error, request, reply),
  });
  let isDraining = false;
  const answer = (statusCode: number, text: string) => ({ statusCode, text });
  const liveness = latchedLiveness(options.isReady);
  const health = () => {
    if (isDraining) return answer(404, "draining");
    if (!options.isReady()) return answer(503, "not ready");
    return options.isConnected() ? answer(200, "ok") : answer(503, "cut off");
  };
  for (const [path, state] of [
    ["/livez", liveness],
    ["/healthz", health],
  ] as const) {
    app.get(path, async (_request, reply) => reply.code(state().statusCode).type("text/plain").send(`${state().text}\n`));
  }
  app.get("/metrics", async (_request, reply) => {
    // Loaded by those who ask for it.
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

function latchedLiveness(isReady: () => boolean) {
  let wasReady = false;
  return () => {
    wasReady ||= isReady();
    return wasReady ? { statusCode: 200, text: "ok" } : { statusCode: 503, text: "starting" };
  };
}

async function listen(app: FastifyInstance, { host, port, portSetting = "ORB_PORT" }: RoleServerOptions): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    throw new ListenError({ host, port, remedy: `Stop it, or choose another with ${portSetting}.` }, error);
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
