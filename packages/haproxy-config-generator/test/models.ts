import type { HaproxyModel } from "../src/model.ts";

/** The least that makes a configuration. */
export const smallModel = {
  global: { maxConnections: 100 },
  defaults: { timeouts: { connectMs: 500, clientMs: 5_000, serverMs: 5_000 } },
  frontends: { site: { binds: [{ address: "127.0.0.1", port: 8_080 }], defaultBackend: "web" } },
  backends: { web: { balance: "roundrobin", servers: { one: { address: "127.0.0.2", port: 80 } } } },
} as const satisfies HaproxyModel<"web">;

/** Uses every property, and characters that mean something to HAProxy wherever a text may stand. */
export const fullModel: HaproxyModel<"api" | "web", "dns", "operators"> = {
  global: {
    maxConnections: 2_000,
    threads: 2,
    log: [
      { target: "stdout", format: "raw", facility: "local0", level: "notice" },
      { target: { address: "127.0.0.1", port: 514 }, format: "rfc5424", facility: "daemon", level: "err" },
    ],
    user: "nobody",
    group: "nogroup",
    serverStateFile: "/tmp/haproxy-test.state",
    statsSockets: [{ path: "/tmp/haproxy-test.sock", mode: "600", level: "admin", exposeListeners: true }],
    hardStopAfterMs: 60_000,
    spreadChecksPercent: 5,
  },
  defaults: {
    log: "global",
    httpLog: true,
    silentProbes: true,
    closesIdleWithAnswer: true,
    forwardedFor: true,
    logHealthChecks: true,
    abortsWithClient: true,
    serverKeepAlive: { idleMs: 3_000, intervalMs: 1_000, probes: 3 },
    redispatchAfter: 1,
    retries: 3,
    retryOn: ["conn-failure", "empty-response", "junk-response", "response-timeout", 503],
    loadServerState: true,
    maxConnections: 1_000,
    timeouts: {
      connectMs: 500,
      clientMs: 5_000,
      serverMs: 5_000,
      httpRequestMs: 1_000,
      httpKeepAliveMs: 1_000,
      queueMs: 1_000,
      checkMs: 500,
    },
  },
  resolvers: {
    dns: {
      nameservers: { one: { address: "127.0.0.11", port: 53 }, six: { address: "::1", port: 53 } },
      acceptedPayloadBytes: 8_192,
      retries: 3,
      resolveMs: 500,
      retryMs: 500,
      holdMs: { valid: 500, obsolete: 500, nx: 500, timeout: 500, refused: 500, other: 500 },
    },
  },
  userlists: { operators: { users: { anna: { passwordHash: `$5$salt$${"a".repeat(43)}` } } } },
  frontends: {
    site: {
      binds: [
        { address: "127.0.0.1", port: 18_080 },
        { address: "::1", port: 18_080, acceptsProxyProtocol: true },
      ],
      maxConnections: 500,
      timeouts: { clientMs: 6_000, httpRequestMs: 900, httpKeepAliveMs: 900 },
      rules: [
        { do: "deny", status: 403, if: [{ source: ["10.0.0.0/8", "fd00::/8", "127.0.0.1"], not: true }] },
        { do: "askForPassword", realm: `it's "closed" $HOME \\ #1`, if: [{ credentials: "operators", not: true }] },
        {
          do: "answer",
          status: 200,
          contentType: "text/plain; charset=utf-8",
          text: `100 % 'ok' "$x" \\n #`,
          if: [{ path: ["/ok"], how: "exact" }],
        },
        { do: "setHeader", header: "X-Note", value: `100 % it's "$x" \\ #` },
        { do: "setHeader", header: "X-Request-Id", value: { sample: "uuid" } },
        { do: "setHeader", header: "X-Real-IP", value: { sample: "src" } },
        { do: "removeHeader", header: "X-Secret" },
        { do: "serveMetrics", if: [{ path: ["/metrics"], how: "exact" }] },
      ],
      statsPage: { path: "/stats", refreshSeconds: 5 },
      routes: [
        {
          backend: "api",
          if: {
            anyOf: [
              [{ path: ["/api/", "-f"], how: "prefix" }, { method: ["GET", "HEAD"] }],
              [{ header: "Host", values: ["api.example.org"], how: "exact", ignoreCase: true }],
              [{ serversUp: "web", below: 1 }],
            ],
          },
        },
      ],
      defaultBackend: "web",
    },
  },
  backends: {
    web: {
      balance: "leastconn",
      timeouts: { connectMs: 400, serverMs: 7_000, queueMs: 100, checkMs: 400 },
      rules: [{ do: "disableRetries", if: [{ method: ["GET", "HEAD"], not: true }] }],
      healthCheck: { method: "GET", path: "/healthz", expectStatus: 200, drainsOn404: true },
      serverDefaults: {
        check: { intervalMs: 300, fall: 1, rise: 1, downIntervalMs: 100 },
        resolvers: "dns",
        preferIpv4: true,
        firstAddress: ["last", "none"],
        maxConnections: 50,
      },
      template: { prefix: "web", slots: 16, hostName: "tasks.web", port: 5_000 },
    },
    api: {
      balance: "first",
      logHealthChecks: false,
      servers: { a: { address: "127.0.0.2", port: 5_001 }, b: { address: "::1", port: 5_001, isBackup: true } },
    },
  },
};
