/**
 * What can be said about an HAProxy 2.6 (or newer) that balances HTTP. Times are whole milliseconds, sizes bytes, as the names say. Where one
 * part names another (a frontend its backend, a server its resolvers, a rule its userlist), the type knows the names that are there.
 */

/** Things by their name. A name has letters, digits, `_`, `.`, `:` and `-`. Written in the order of the names. */
export type Named<Name extends string, Thing> = Readonly<Record<Name, Thing>>;

export interface HaproxyModel<Backend extends string = string, Resolvers extends string = string, Userlist extends string = string> {
  global: Global;
  defaults: Defaults;
  resolvers?: Named<Resolvers, ResolversSection>;
  userlists?: Named<Userlist, UserlistSection>;
  frontends: Named<string, Frontend<NoInfer<Backend>, NoInfer<Userlist>>>;
  backends: Named<Backend, BackendSection<NoInfer<Resolvers>, NoInfer<Backend>, NoInfer<Userlist>>>;
}

export interface Global {
  /** Connections at a time, of all frontends together. */
  maxConnections: number;
  /** Default: one a core. */
  threads?: number;
  log?: LogTarget[];
  /** Whom the process becomes after it has opened its sockets. */
  user?: string;
  group?: string;
  statsSockets?: StatsSocket[];
  /** Absolute path. Where servers' state is read from at start: what `show servers state` wrote before a reload. */
  serverStateFile?: string;
  /** How long connections of an old process may last after a reload. Default: as long as they like. */
  hardStopAfterMs?: number;
  /** 0 to 50: how much checks are spread in time. */
  spreadChecksPercent?: number;
}

export interface LogTarget {
  target: "stdout" | "stderr" | { address: string; port: number };
  /** `raw` suits stdout: whoever reads it adds the time. */
  format: "raw" | "rfc3164" | "rfc5424" | "short" | "timed";
  facility: "daemon" | "local0" | "local1" | "local2" | "local3";
  level: "emerg" | "alert" | "crit" | "err" | "warning" | "notice" | "info" | "debug";
}

/** A socket in the file system that answers the runtime commands. There is none over TCP: whoever can connect is obeyed. */
export interface StatsSocket {
  path: string;
  /** Permission bits, octal: `600`. */
  mode: string;
  level: "user" | "operator" | "admin";
  /** Hands listening sockets over to the next process, so that a reload refuses no connection. */
  exposeListeners?: boolean;
}

/** What all proxies inherit unless they say otherwise. */
export interface Defaults extends FrontendOptions, BackendOptions {
  timeouts: Required<Pick<Timeouts, "connectMs" | "clientMs" | "serverMs">> & Timeouts;
  maxConnections?: number;
}

export interface Timeouts {
  connectMs?: number;
  clientMs?: number;
  serverMs?: number;
  /** For the whole head of a request. */
  httpRequestMs?: number;
  /** For the next request on a connection. */
  httpKeepAliveMs?: number;
  /** For a free server. */
  queueMs?: number;
  /** For the answer to a check, once connected. */
  checkMs?: number;
}

/** About connections of clients. Absent: inherited from the defaults. */
export interface FrontendOptions {
  /** Logs to the targets of `global`. */
  log?: "global";
  httpLog?: boolean;
  /** Connections that sent nothing are not logged. */
  silentProbes?: boolean;
  /** After a reload, an idle connection is closed with its next answer, not at once: a client that is just sending would lose its request. */
  closesIdleWithAnswer?: boolean;
  /** Adds `X-Forwarded-For` with the client's address. */
  forwardedFor?: boolean;
}

/** About connections to servers. Absent: inherited from the defaults. */
export interface BackendOptions {
  /** Every change of a server's health is logged. */
  logHealthChecks?: boolean;
  /** Finds out that a server's host is gone while an answer is awaited. */
  serverKeepAlive?: { idleMs: number; intervalMs: number; probes: number };
  /** A request whose client has gone is given up, also at the server. */
  abortsWithClient?: boolean;
  /** A retry goes to another server, from the n-th on (1: always). */
  redispatchAfter?: number;
  /** Times that a request is tried again. */
  retries?: number;
  /** When. Anything but `conn-failure` can run a request twice, unless a `disableRetries` rule excepts it. */
  retryOn?: RetryReason[];
  /** Whether servers begin in the state that `global.serverStateFile` holds. */
  loadServerState?: boolean;
}

export type RetryReason = "conn-failure" | "empty-response" | "junk-response" | "response-timeout" | "0rtt-rejected" | RetryStatus;
export type RetryStatus = 401 | 403 | 404 | 408 | 425 | 500 | 501 | 502 | 503 | 504;

export interface ResolversSection {
  nameservers: Named<string, { address: string; port: number }>;
  /** Tries before a name counts as not answered. */
  retries?: number;
  retryMs?: number;
  resolveMs?: number;
  /** How long the last good answer outlives an answer of this kind. */
  holdMs?: Partial<Record<"valid" | "obsolete" | "nx" | "timeout" | "refused" | "other", number>>;
  /** 512 to 8192; a large group needs more than 512. */
  acceptedPayloadBytes?: number;
}

export interface UserlistSection {
  /** Password by user, as crypt(3) made it: `$5$…` or `$6$…`. */
  users: Named<string, { passwordHash: string }>;
}

export interface Frontend<Backend extends string = string, Userlist extends string = string> extends FrontendOptions {
  binds: readonly [Bind, ...Bind[]];
  timeouts?: Pick<Timeouts, "clientMs" | "httpRequestMs" | "httpKeepAliveMs">;
  maxConnections?: number;
  rules?: RequestRule<Backend, Userlist>[];
  /** Shows the state of everything at `path`; read only. */
  statsPage?: { path: string; refreshSeconds: number };
  /** The first whose condition holds. */
  routes?: { backend: Backend; if: Condition<Backend, Userlist> }[];
  /** Absent: what no route takes is answered with 503. */
  defaultBackend?: Backend;
}

export interface Bind {
  /** An IP address; `*` for every IPv4 address. */
  address: string;
  port: number;
  /** The other side speaks the PROXY protocol. */
  acceptsProxyProtocol?: boolean;
}

export interface BackendSection<Resolvers extends string = string, Backend extends string = string, Userlist extends string = string>
  extends BackendOptions {
  balance: "roundrobin" | "leastconn" | "static-rr" | "first" | "random" | "source";
  timeouts?: Pick<Timeouts, "connectMs" | "serverMs" | "queueMs" | "checkMs">;
  rules?: RequestRule<Backend, Userlist>[];
  healthCheck?: HealthCheck;
  serverDefaults?: ServerOptions<Resolvers>;
  /** Servers with an address each. */
  servers?: Named<string, Server>;
  /** Servers that DNS names. */
  template?: ServerTemplate;
}

/** An HTTP check. Servers are checked where `serverDefaults.check` says how often. */
export interface HealthCheck {
  method: "GET" | "HEAD" | "OPTIONS";
  path: string;
  expectStatus: number;
  /** A server that answers 404 gets nothing new, but finishes what it has. */
  drainsOn404?: boolean;
}

export interface ServerOptions<Resolvers extends string = string> {
  /** `fall` failed checks take a server out, `rise` good ones bring it back. */
  check?: { intervalMs: number; fall: number; rise: number; downIntervalMs?: number };
  resolvers?: Resolvers;
  preferIpv4?: boolean;
  /** Where the first address comes from, in turn: the state file, the system's resolver, nowhere. */
  firstAddress?: readonly ("last" | "libc" | "none")[];
  /** Requests at a time; more wait in a queue. */
  maxConnections?: number;
}

export interface Server {
  address: string;
  port: number;
  /** Only used when all others are down. */
  isBackup?: boolean;
}

/** `slots` servers `<prefix>1` to `<prefix>n`, each with one of the addresses that DNS has for `hostName`. */
export interface ServerTemplate {
  prefix: string;
  slots: number;
  hostName: string;
  port: number;
}

/** All of them hold. */
export type Matches<Backend extends string = string, Userlist extends string = string> = readonly [
  Match<Backend, Userlist>,
  ...Match<Backend, Userlist>[],
];
/** All of a list, or all of one of several lists. */
export type Condition<Backend extends string = string, Userlist extends string = string> =
  | Matches<Backend, Userlist>
  | { anyOf: readonly [Matches<Backend, Userlist>, ...Matches<Backend, Userlist>[]] };

/** One thing about a request; with several values, any of them. `not` turns it round. */
export type Match<Backend extends string = string, Userlist extends string = string> = { not?: boolean } & (
  | { path: Values; how: Comparison }
  | { header: string; values: Values; how: Comparison; ignoreCase?: boolean }
  | { method: readonly [Method, ...Method[]] }
  /** IP addresses and ranges of clients. */
  | { source: Values }
  /** The name and password that the client sent are right. */
  | { credentials: Userlist }
  /** Fewer than so many servers of a backend are up. */
  | { serversUp: Backend; below: number }
);
export type Values = readonly [string, ...string[]];
export type Comparison = "exact" | "prefix" | "suffix" | "contains";
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "TRACE" | "CONNECT";

/** Done in this order; without `if` for every request. */
export type RequestRule<Backend extends string = string, Userlist extends string = string> = { if?: Condition<Backend, Userlist> } & (
  | { do: "deny"; status: 400 | 401 | 403 | 404 | 405 | 410 | 413 | 429 | 500 | 501 | 502 | 503 | 504 }
  | { do: "answer"; status: number; contentType: string; text: string }
  | { do: "setHeader"; header: string; value: HeaderValue }
  | { do: "removeHeader"; header: string }
  /** The browser asks for name and password. */
  | { do: "askForPassword"; realm: string }
  /** A request that may not run twice: it is tried again only if it never reached a server. */
  | { do: "disableRetries" }
  /** Prometheus metrics of HAProxy itself. */
  | { do: "serveMetrics" }
);

/** Text as it is, or what HAProxy knows about the request. */
export type HeaderValue = string | { sample: "src" | "src_port" | "dst" | "dst_port" | "method" | "path" | "uuid" };
