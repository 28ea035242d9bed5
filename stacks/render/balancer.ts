import { renderConfiguration } from "../haproxy/configuration.ts";
import type { BackendSection, Frontend, HaproxyModel } from "../haproxy/model.ts";
import { HTTP_GROUPS, type HttpGroup, PORTS, SERVER_SLOTS, STATUS_PORT } from "../roles.ts";
import { FLEET_TIME_LIMITS } from "../time-limits.ts";
import { FRONT_RUN_DIRECTORY } from "./front-script.ts";

export interface BalancerSettings {
  /** The address to listen on, in the container. */
  address: string;
  /** Who answers for the groups' names. */
  resolver: { address: string; port: number };
  /** The name that stands for all replicas of a group. */
  hostNames: Record<HttpGroup, string>;
  ports: Record<HttpGroup | "status", number>;
  /** IP addresses and ranges that may see state and metrics. */
  statusSources: readonly [string, ...string[]];
  runDirectory: string;
}

/**
 * Docker's own resolver, and the name that Swarm gives to all tasks of a service.
 *
 * @param statusSources IP addresses and ranges that may see state and metrics: the mesh, and the gateway that this host's own requests come from.
 */
export const balancerInSwarm = (statusSources: BalancerSettings["statusSources"]): BalancerSettings => ({
  address: "*",
  resolver: { address: "127.0.0.11", port: 53 },
  hostNames: { renderer: "tasks.renderer", fetcher: "tasks.fetcher", webui: "tasks.webui" },
  ports: { renderer: PORTS.renderer, fetcher: PORTS.fetcher, webui: PORTS.webui, status: STATUS_PORT },
  statusSources,
  runDirectory: FRONT_RUN_DIRECTORY,
});

/**
 * HAProxy's configuration for one worker host: a frontend for each HTTP group, and one for state (`/`) and metrics (`/metrics`). Replicas come
 * and go by DNS, so that scaling changes nothing here.
 *
 * @throws RefusedModelError if an address, name or path cannot stand in a configuration.
 */
export function renderBalancer(settings: BalancerSettings): string {
  return renderConfiguration(balancerModel(settings));
}

function balancerModel(settings: BalancerSettings): HaproxyModel<HttpGroup, "dns"> {
  const { address, ports, resolver, hostNames } = settings;
  const [renderer, fetcher, webui] = HTTP_GROUPS;
  const front = (group: HttpGroup) => groupFrontend(group, { address, port: ports[group] });
  const back = (group: HttpGroup) => groupBackend(group, { hostName: hostNames[group], port: ports[group] });
  return {
    global: balancerGlobal(settings.runDirectory),
    defaults: balancerDefaults,
    resolvers: { dns: { nameservers: { local: resolver }, ...resolving } },
    frontends: { renderer: front(renderer), fetcher: front(fetcher), webui: front(webui), status: statusFrontend(settings) },
    backends: { renderer: back(renderer), fetcher: back(fetcher), webui: back(webui) },
  };
}

const balancerGlobal = (runDirectory: string): HaproxyModel["global"] => ({
  // 4,096 connections take some 150 MiB at the most; more clients than that wait in the kernel's queue.
  maxConnections: 4_096,
  log: [{ target: "stdout", format: "raw", facility: "local0", level: "notice" }],
  statsSockets: [{ path: `${runDirectory}/admin.sock`, mode: "600", level: "admin", exposeListeners: true }],
  serverStateFile: `${runDirectory}/servers.state`,
  // An old process ends when its last request has: none takes longer.
  hardStopAfterMs: FLEET_TIME_LIMITS.answerMs.renderer,
});

const balancerDefaults: HaproxyModel["defaults"] = {
  log: "global",
  silentProbes: true,
  closesIdleWithAnswer: true,
  logHealthChecks: true,
  abortsWithClient: true,
  redispatchAfter: 1,
  retries: 3,
  retryOn: ["conn-failure", "empty-response", 503],
  loadServerState: true,
  // A host that is gone while a replica works for a request: noticed after 3 + 3 x 1 s, whatever the time-out for the answer.
  serverKeepAlive: { idleMs: 3_000, intervalMs: 1_000, probes: 3 },
  timeouts: {
    connectMs: FLEET_TIME_LIMITS.connectMs,
    clientMs: FLEET_TIME_LIMITS.keepAliveMs,
    serverMs: FLEET_TIME_LIMITS.answerMs.webui,
    httpRequestMs: FLEET_TIME_LIMITS.requestHeadMs,
    httpKeepAliveMs: FLEET_TIME_LIMITS.keepAliveMs,
    checkMs: FLEET_TIME_LIMITS.checkAnswerMs,
  },
};

/**
 * Quick to see who came and went: seen to lose no request of 35,000 in updates, scaling and the loss of a host. A resolver that does not
 * answer says nothing about replicas: the last addresses hold on, and the checks go on. 32 addresses take far less than 8,192 bytes.
 */
const resolving = {
  acceptedPayloadBytes: 8_192,
  resolveMs: 500,
  retryMs: 500,
  holdMs: { valid: 500, obsolete: 500, nx: 1_000, timeout: 60_000, refused: 60_000, other: 60_000 },
};

const groupFrontend = (group: HttpGroup, bind: { address: string; port: number }): Frontend<HttpGroup> => ({
  binds: [bind],
  timeouts: { clientMs: FLEET_TIME_LIMITS.answerMs[group] },
  defaultBackend: group,
});

function groupBackend(group: HttpGroup, { hostName, port }: { hostName: string; port: number }): BackendSection<"dns", HttpGroup> {
  return {
    // Pages differ in how long they take; requests to the web UI hardly do.
    balance: group === "webui" ? "roundrobin" : "leastconn",
    timeouts: { serverMs: FLEET_TIME_LIMITS.answerMs[group] },
    // What may change something runs at most once: it is tried again only if it never reached a replica.
    rules: [{ do: "disableRetries", if: [{ method: ["GET", "HEAD"], not: true }] }],
    healthCheck: { method: "GET", path: "/healthz", expectStatus: 200, drainsOn404: true },
    serverDefaults: {
      check: { intervalMs: FLEET_TIME_LIMITS.checkIntervalMs, fall: 1, rise: 1 },
      resolvers: "dns",
      preferIpv4: true,
      firstAddress: ["last", "none"],
    },
    template: { prefix: group, slots: SERVER_SLOTS, hostName, port },
  };
}

function statusFrontend({ address, ports, statusSources }: BalancerSettings): Frontend<HttpGroup> {
  return {
    binds: [{ address, port: ports.status }],
    rules: [
      { do: "deny", status: 403, if: [{ source: statusSources, not: true }] },
      { do: "serveMetrics", if: [{ path: ["/metrics"], how: "exact" }] },
    ],
    statsPage: { path: "/", refreshSeconds: 5 },
  };
}
