import { type BackendSection, type Frontend, type HaproxyModel, renderConfiguration } from "haproxy-config-generator";
import type { Host } from "../config.ts";
import { FRONT_RANGE } from "../ranges.ts";
import { HTTP_GROUPS, type HttpGroup, PORTS, SERVER_SLOTS, STATUS_PORT } from "../roles.ts";
import { FLEET_TIME_LIMITS } from "../time-limits.ts";
import { FRONT_RUN_DIRECTORY } from "./front-script.ts";

export interface BalancerSettings {
  /** The address to listen on, in the container. */
  address: string;
  /** Resolves the groups' names. */
  resolver: { address: string; port: number };
  /** The name of all replicas of a group. */
  hostNames: Record<HttpGroup, string>;
  ports: Record<HttpGroup | "status", number>;
  /** IP addresses and ranges that may see state and metrics. */
  statusSources: readonly [string, ...string[]];
  /** IP addresses and ranges of the edges: only their headers about clients are forwarded. */
  edgeSources: readonly [string, ...string[]];
  runDirectory: string;
}

/**
 * Docker's own resolver, and the name that Swarm gives to all tasks of a service.
 *
 * @param sources who may see state and metrics: the mesh, and the gateway of this host's own requests; and which addresses are edges.
 */
export const balancerInSwarm = (sources: Pick<BalancerSettings, "statusSources" | "edgeSources">): BalancerSettings => ({
  address: "*",
  resolver: { address: "127.0.0.11", port: 53 },
  hostNames: { renderer: "tasks.renderer", fetcher: "tasks.fetcher", webui: "tasks.webui" },
  ports: { renderer: PORTS.renderer, fetcher: PORTS.fetcher, webui: PORTS.webui, status: STATUS_PORT },
  ...sources,
  runDirectory: FRONT_RUN_DIRECTORY,
});

/** The source addresses of edges: their mesh addresses, and the bridge's gateway if the host has an edge itself. */
export function edgeSourcesOf(
  { isEdge }: Pick<Host, "isEdge">,
  hosts: readonly Pick<Host, "isEdge" | "meshIp">[],
): BalancerSettings["edgeSources"] {
  const [first = FRONT_RANGE, ...others] = [
    ...(isEdge ? [FRONT_RANGE] : []),
    ...hosts.filter((host) => host.isEdge).map(({ meshIp }) => meshIp),
  ];
  return [first, ...others];
}

/**
 * HAProxy's configuration for one worker host: a frontend for each HTTP group, and one for state (`/`) and metrics (`/metrics`). Replicas are
 * found by DNS, so scaling changes nothing here.
 *
 * @throws RefusedModelError if an address, name or path cannot be part of a configuration.
 */
export function renderBalancer(settings: BalancerSettings): string {
  return renderConfiguration(balancerModel(settings));
}

function balancerModel(settings: BalancerSettings): HaproxyModel<HttpGroup, "dns"> {
  const { address, ports, resolver, hostNames, edgeSources } = settings;
  const [renderer, fetcher, webui] = HTTP_GROUPS;
  const front = (group: HttpGroup) => groupFrontend(group, { bind: { address, port: ports[group] }, edgeSources });
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
  // 4,096 connections take at most about 150 MiB; further clients wait in the kernel's queue.
  maxConnections: 4_096,
  log: [{ target: "stdout", format: "raw", facility: "local0", level: "notice" }],
  statsSockets: [{ path: `${runDirectory}/admin.sock`, mode: "600", level: "admin", exposeListeners: true }],
  serverStateFile: `${runDirectory}/servers.state`,
  // An old process ends with its last request: none takes longer.
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
  // A host that disappears during a request is detected after 3 + 3 x 1 s, whatever the timeout for the answer.
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
 * Short intervals: tests lost no request of 35,000 in updates, scaling and the loss of a host. While a resolver does not answer, the last
 * addresses and the checks stay in use. 32 addresses take far less than 8,192 bytes.
 */
const resolving = {
  acceptedPayloadBytes: 8_192,
  resolveMs: 500,
  retryMs: 500,
  holdMs: { valid: 500, obsolete: 500, nx: 1_000, timeout: 60_000, refused: 60_000, other: 60_000 },
};

function groupFrontend(
  group: HttpGroup,
  { bind, edgeSources }: { bind: { address: string; port: number }; edgeSources: BalancerSettings["edgeSources"] },
): Frontend<HttpGroup> {
  const unlessEdge = { if: [{ source: edgeSources, not: true }] } as const;
  return {
    binds: [bind],
    timeouts: { clientMs: FLEET_TIME_LIMITS.answerMs[group] },
    // Replicas trust these headers, because they come from a balancer. Only the edge sets the first two.
    rules: [
      { do: "setHeader", header: "X-Forwarded-For", value: { sample: "src" }, ...unlessEdge },
      { do: "setHeader", header: "X-Forwarded-Proto", value: "http", ...unlessEdge },
      { do: "removeHeader", header: "X-Forwarded-Host" },
      { do: "removeHeader", header: "Forwarded" },
    ],
    defaultBackend: group,
  };
}

function groupBackend(group: HttpGroup, { hostName, port }: { hostName: string; port: number }): BackendSection<"dns", HttpGroup> {
  return {
    // Pages differ in how long they take; requests to the web UI hardly do.
    balance: group === "webui" ? "roundrobin" : "leastconn",
    timeouts: { serverMs: FLEET_TIME_LIMITS.answerMs[group] },
    // Requests with side effects run at most once: they are retried only if they never reached a replica.
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
