import { once } from "node:events";
import { serveRole } from "../core/runtime/role-server.ts";
import { registerWebui } from "./app.ts";
import { EndedSessions } from "./ended-sessions.ts";
import { LoginLimit } from "./login-limit.ts";
import { paced } from "./paced.ts";
import { isLoopback } from "./request-guard.ts";
import type { WebuiContext } from "./route.ts";
import { readCounters } from "./store/counter-queries.ts";

export type { WebuiSettings } from "./env.ts";

/** The resources of a web UI. */
export type WebuiOptions = Omit<WebuiContext, "limits" | "endedSessions" | "readCounters">;

/** A running web UI; disposing lets running requests finish within the drain limit. */
export interface RunningWebui extends AsyncDisposable {
  port: number;
  /** `http://127.0.0.1:5000`, without a trailing slash. */
  url: string;
  /** After this call a balancer sends no new requests. */
  drain(): void;
}

/**
 * Opens the web UI: REST API, pages, and the routes of every role's server.
 *
 * @throws ListenError if the port is taken.
 */
export async function startWebui(options: WebuiOptions): Promise<RunningWebui> {
  const context = {
    ...options,
    endedSessions: new EndedSessions(options.database),
    // With many projects a day's windows are millions of rows.
    readCounters: paced(() => readCounters(options.database, Date.now() / 1_000)),
    limits: { login: new LoginLimit({ closesUnderAttack: true }), header: new LoginLimit({ closesUnderAttack: false }) },
  };
  const { host, port, portSetting, trustedProxies = [] } = context.settings;
  const server = await serveRole({
    host,
    port,
    trustedProxies,
    isConnected: () => context.queues.isConnected(),
    register: (app) => registerWebui(app, context),
    ...(portSetting ? { portSetting } : {}),
  });
  const name = isLoopback(host) ? host : "127.0.0.1";
  const url = `http://${name.includes(":") ? `[${name}]` : name}:${server.port}`;
  context.log.info({ url }, "the web UI answers");
  return { port: server.port, url, drain: () => server.drain(), [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** Serves until `signal` aborts, then lets running requests finish within the drain limit. */
export async function runWebui({ signal, ...options }: WebuiOptions & { signal: AbortSignal }): Promise<void> {
  await using webui = await startWebui(options);
  if (!signal.aborted) await once(signal, "abort");
  webui.drain();
}
