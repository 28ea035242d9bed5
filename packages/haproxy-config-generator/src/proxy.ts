import { conditionWords, type Known } from "./condition.ts";
import type {
  BackendOptions,
  BackendSection,
  Bind,
  Defaults,
  Frontend,
  FrontendOptions,
  HealthCheck,
  ServerOptions,
  Timeouts,
} from "./model.ts";
import { ruleLines } from "./rules.ts";
import type { Scope } from "./scope.ts";

const TIMEOUTS: Record<keyof Timeouts, string> = {
  connectMs: "connect",
  clientMs: "client",
  serverMs: "server",
  httpRequestMs: "http-request",
  httpKeepAliveMs: "http-keep-alive",
  queueMs: "queue",
  checkMs: "check",
};
const CONNECTIONS = { min: 1, max: 1_000_000 };

/** The lines of the section `defaults`. */
export function defaultsLines(defaults: Defaults, scope: Scope): string[][] {
  return [
    ["mode", "http"],
    ...maxConnectionsLine(defaults.maxConnections, scope),
    ...optionLines(defaults, scope),
    ...timeoutLines(defaults.timeouts, scope),
  ];
}

/** The lines of one section `frontend`. */
export function frontendLines(frontend: Frontend, scope: Scope, known: Known): string[][] {
  const { binds, statsPage, routes = [], defaultBackend } = frontend;
  return [
    ...binds.map((bind, index) => bindLine(bind, scope.within("binds").within(index))),
    ...maxConnectionsLine(frontend.maxConnections, scope),
    ...optionLines(frontend, scope),
    ...timeoutLines(frontend.timeouts, scope),
    ...ruleLines(frontend.rules, scope, known),
    ...(statsPage === undefined ? [] : statsLines(statsPage, scope.within("statsPage"))),
    ...routes.map(({ backend, if: condition }, index) => {
      const at = scope.within("routes").within(index);
      return ["use_backend", at.reference("backend", backend, known.backends), ...conditionWords(condition, at, known)];
    }),
    ...(defaultBackend === undefined ? [] : [["default_backend", scope.reference("defaultBackend", defaultBackend, known.backends)]]),
  ];
}

/** The lines of one section `backend`. */
export function backendLines(backend: BackendSection, scope: Scope, known: Known & { resolvers: object }): string[][] {
  const { healthCheck, serverDefaults, servers = {}, template } = backend;
  return [
    ["balance", backend.balance],
    ...optionLines(backend, scope),
    ...timeoutLines(backend.timeouts, scope),
    ...ruleLines(backend.rules, scope, known),
    ...(healthCheck === undefined ? [] : healthCheckLines(healthCheck, scope.within("healthCheck"))),
    ...(serverDefaults === undefined ? [] : [["default-server", ...serverWords(serverDefaults, scope.within("serverDefaults"), known)]]),
    ...Object.entries(servers)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, server]) => {
        const at = scope.within("servers");
        return ["server", at.name(name, name), at.within(name).socket(server), ...(server.isBackup ? ["backup"] : [])];
      }),
    ...(template === undefined ? [] : [templateLine(template, scope.within("template"), servers)]),
  ];
}

function bindLine(bind: Bind, scope: Scope): string[] {
  return ["bind", scope.socket(bind, { any: true }), ...(bind.acceptsProxyProtocol ? ["accept-proxy"] : [])];
}

const maxConnectionsLine = (value: number | undefined, scope: Scope) =>
  value === undefined ? [] : [["maxconn", scope.whole("maxConnections", value, CONNECTIONS)]];

function timeoutLines(timeouts: Timeouts = {}, scope: Scope): string[][] {
  const given = (Object.keys(TIMEOUTS) as (keyof Timeouts)[]).filter((key) => timeouts[key] !== undefined);
  return given.map((key) => ["timeout", TIMEOUTS[key], scope.within("timeouts").milliseconds(key, timeouts[key] as number)]);
}

function optionLines(options: FrontendOptions & BackendOptions, scope: Scope): string[][] {
  const { redispatchAfter, retries, retryOn, loadServerState, serverKeepAlive } = options;
  return [
    ...(options.log === undefined ? [] : [["log", options.log]]),
    ...switchOnLine("httplog", "httpLog", options, scope),
    ...switchLine("dontlognull", options.silentProbes),
    ...switchLine("idle-close-on-response", options.closesIdleWithAnswer),
    ...switchOnLine("forwardfor", "forwardedFor", options, scope),
    ...switchLine("log-health-checks", options.logHealthChecks),
    ...switchLine("abortonclose", options.abortsWithClient),
    ...(serverKeepAlive === undefined ? [] : keepAliveLines(serverKeepAlive, scope.within("serverKeepAlive"))),
    ...(redispatchAfter === undefined
      ? []
      : [["option", "redispatch", scope.whole("redispatchAfter", redispatchAfter, { min: 1, max: 100 })]]),
    ...(retries === undefined ? [] : [["retries", scope.whole("retries", retries, { min: 0, max: 100 })]]),
    ...(retryOn === undefined ? [] : [["retry-on", ...(retryOn.length === 0 ? ["none"] : retryOn.map(String))]]),
    ...(loadServerState === undefined ? [] : [["load-server-state-from-file", loadServerState ? "global" : "none"]]),
  ];
}

const switchLine = (option: string, isOn: boolean | undefined) => (isOn === undefined ? [] : [[...(isOn ? [] : ["no"]), "option", option]]);

function switchOnLine(option: string, key: "httpLog" | "forwardedFor", options: FrontendOptions, scope: Scope): string[][] {
  const value = options[key] as boolean | undefined;
  if (value === false) scope.refuse(key, value, "leave it out: HAProxy cannot switch it off");
  return value ? [["option", option]] : [];
}

function keepAliveLines({ idleMs, intervalMs, probes }: Required<BackendOptions>["serverKeepAlive"], scope: Scope): string[][] {
  return [
    ["option", "srvtcpka"],
    ["srvtcpka-idle", scope.milliseconds("idleMs", idleMs)],
    ["srvtcpka-intvl", scope.milliseconds("intervalMs", intervalMs)],
    ["srvtcpka-cnt", scope.whole("probes", probes, { min: 1, max: 127 })],
  ];
}

function statsLines({ path, refreshSeconds }: { path: string; refreshSeconds: number }, scope: Scope): string[][] {
  const refresh = scope.whole("refreshSeconds", refreshSeconds, { min: 1, max: 3_600 });
  return [
    ["stats", "enable"],
    ["stats", "uri", scope.urlPath("path", path)],
    ["stats", "refresh", `${refresh}s`],
    ["stats", "hide-version"],
  ];
}

function healthCheckLines({ method, path, expectStatus, drainsOn404 }: HealthCheck, scope: Scope): string[][] {
  return [
    ["option", "httpchk", method, scope.urlPath("path", path)],
    ["http-check", "expect", "status", scope.whole("expectStatus", expectStatus, { min: 100, max: 599 })],
    ...(drainsOn404 ? [["http-check", "disable-on-404"]] : []),
  ];
}

function serverWords(options: ServerOptions, scope: Scope, known: { resolvers: object }): string[] {
  const { check, resolvers, preferIpv4, firstAddress, maxConnections } = options;
  return [
    ...(check === undefined ? [] : checkWords(check, scope.within("check"))),
    ...(resolvers === undefined ? [] : ["resolvers", scope.reference("resolvers", resolvers, known.resolvers)]),
    ...(preferIpv4 ? ["resolve-prefer", "ipv4"] : []),
    ...(firstAddress === undefined
      ? []
      : ["init-addr", firstAddress.join(",") || scope.refuse("firstAddress", firstAddress, "name one at least")]),
    ...(maxConnections === undefined ? [] : ["maxconn", scope.whole("maxConnections", maxConnections, CONNECTIONS)]),
  ];
}

function checkWords({ intervalMs, fall, rise, downIntervalMs }: Required<ServerOptions>["check"], scope: Scope): string[] {
  const times = { min: 1, max: 100 };
  const counts = ["fall", scope.whole("fall", fall, times), "rise", scope.whole("rise", rise, times)];
  const down = downIntervalMs === undefined ? [] : ["downinter", scope.milliseconds("downIntervalMs", downIntervalMs)];
  return ["check", "inter", scope.milliseconds("intervalMs", intervalMs), ...down, ...counts];
}

function templateLine(template: Required<BackendSection>["template"], scope: Scope, servers: object): string[] {
  const { prefix, slots, hostName, port } = template;
  const name = scope.name("prefix", prefix);
  if (Object.keys(servers).some((server) => server.startsWith(prefix) && /^\d+$/.test(server.slice(prefix.length)))) {
    scope.refuse("prefix", prefix, "write a prefix that gives no server the name of another");
  }
  const count = scope.whole("slots", slots, { min: 1, max: 1_024 });
  return ["server-template", name, `1-${count}`, `${scope.hostName("hostName", hostName)}:${scope.port("port", port)}`];
}
