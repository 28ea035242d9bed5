/**
 * The model of an HAProxy that balances HTTP. Times are whole milliseconds, sizes bytes, as in the names. If one part refers to
 * another (a frontend to its backend, a server to its resolvers, a rule to its userlist), the type checks the names.
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
  /** Concurrent connections of all frontends together. */
  maxConnections: number;
  /** Default: one per core. */
  threads?: number;
  log?: LogTarget[];
  /** The user and group of the process after it has opened its sockets. */
  user?: string;
  group?: string;
  statsSockets?: StatsSocket[];
  /** Absolute path. The file from which servers' state is read at start: the output of `show servers state` before a reload. */
  serverStateFile?: string;
  /** How long connections of an old process may last after a reload. Default: no limit. */
  hardStopAfterMs?: number;
  /** 0 to 50: the random spread of checks, in percent. */
  spreadChecksPercent?: number;
}

export interface LogTarget {
  target: "stdout" | "stderr" | { address: string; port: number };
  /** `raw` suits stdout: the reader of the log adds the time. */
  format: "raw" | "rfc3164" | "rfc5424" | "short" | "timed";
  facility: "daemon" | "local0" | "local1" | "local2" | "local3";
  level: "emerg" | "alert" | "crit" | "err" | "warning" | "notice" | "info" | "debug";
}

/** A Unix socket for the runtime commands. TCP is not supported, because HAProxy executes the commands of every client. */
export interface StatsSocket {
  path: string;
  /** Permission bits, octal: `600`. */
  mode: string;
  level: "user" | "operator" | "admin";
  /** Passes listening sockets to the next process, so that a reload refuses no connection. */
  exposeListeners?: boolean;
}

/** The settings that all proxies inherit unless they override them. */
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

/** Connections of clients. Absent: inherited from the defaults. HAProxy cannot switch off what has the type `true`. */
export interface FrontendOptions {
  /** Logs to the targets of `global.log`. */
  log?: "global";
  /** One detailed line for each request. Needs `log`. */
  httpLog?: true;
  /** Connections without data are not logged. */
  silentProbes?: boolean;
  /** After a reload, an idle connection is closed with its next answer and not immediately: a client that is just sending would lose its request. */
  closesIdleWithAnswer?: boolean;
  /** Adds `X-Forwarded-For` with the client's address. */
  forwardedFor?: true;
}

/** Connections to servers. Absent: inherited from the defaults. */
export interface BackendOptions {
  /** Every change of a server's health is logged. */
  logHealthChecks?: boolean;
  /** Detects that a server's host is gone while an answer is awaited. */
  serverKeepAlive?: { idleMs: number; intervalMs: number; probes: number };
  /** A request is cancelled when its client has gone, also at the server. */
  abortsWithClient?: boolean;
  /** A retry goes to another server, from the n-th on (1: always). */
  redispatchAfter?: number;
  /** Maximum retries of a request. */
  retries?: number;
  /** The failures that cause a retry. Anything but `conn-failure` can run a request twice, unless a `disableRetries` rule excepts it. */
  retryOn?: RetryReason[];
  /** Whether servers begin in the state in `global.serverStateFile`; needs that file. */
  loadServerState?: boolean;
}

export type RetryReason = "conn-failure" | "empty-response" | "junk-response" | "response-timeout" | RetryStatus;
export type RetryStatus = 401 | 403 | 404 | 408 | 500 | 501 | 502 | 503 | 504;

export interface ResolversSection {
  nameservers: Named<string, { address: string; port: number }>;
  /** Tries before a name counts as unanswered. */
  retries?: number;
  retryMs?: number;
  resolveMs?: number;
  /** How long the last valid answer is kept after an answer of this kind. */
  holdMs?: Partial<Record<"valid" | "obsolete" | "nx" | "timeout" | "refused" | "other", number>>;
  /** 512 to 8192; a large group needs more than 512. */
  acceptedPayloadBytes?: number;
}

export interface UserlistSection {
  /** Password by user, as a crypt(3) hash: `$5$…` or `$6$…`. */
  users: Named<string, { passwordHash: string }>;
}

export interface Frontend<Backend extends string = string, Userlist extends string = string> extends FrontendOptions {
  binds: readonly [Bind, ...Bind[]];
  timeouts?: Pick<Timeouts, "clientMs" | "httpRequestMs" | "httpKeepAliveMs">;
  maxConnections?: number;
  rules?: RequestRule<Backend, Userlist>[];
  /** Shows the state of all proxies at `path`; read only. */
  statsPage?: { path: string; refreshSeconds: number };
  /** The first route whose condition holds. */
  routes?: { backend: Backend; if: Condition<Backend, Userlist> }[];
  /** Absent: requests that match no route, and that no rule answers, get a 503. */
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
  balance: "roundrobin" | "leastconn" | "first" | "random" | "source";
  timeouts?: Pick<Timeouts, "connectMs" | "serverMs" | "queueMs" | "checkMs">;
  rules?: RequestRule<Backend, Userlist>[];
  healthCheck?: HealthCheck;
  serverDefaults?: ServerOptions<Resolvers>;
  /** Servers with one address each. At least one, unless there is a template. */
  servers?: Named<string, Server>;
  /** Servers from DNS. */
  template?: ServerTemplate;
}

/** An HTTP check. Needs `serverDefaults.check`, which sets its interval. */
export interface HealthCheck {
  method: "GET" | "HEAD" | "OPTIONS";
  path: string;
  expectStatus: number;
  /** A server that answers 404 gets no new requests, but finishes its running ones. */
  drainsOn404?: boolean;
}

export interface ServerOptions<Resolvers extends string = string> {
  /** `fall` failed checks remove a server, `rise` successful ones add it again. */
  check?: { intervalMs: number; fall: number; rise: number; downIntervalMs?: number };
  resolvers?: Resolvers;
  preferIpv4?: boolean;
  /** Sources of the first address, in order: the state file, the system's resolver, or none. */
  firstAddress?: readonly ("last" | "libc" | "none")[];
  /** Concurrent requests; more wait in a queue. */
  maxConnections?: number;
}

export interface Server {
  address: string;
  port: number;
  /** Only used when all others are down. */
  isBackup?: boolean;
}

/** `slots` servers `<prefix>1` to `<prefix>n`, each with one of the addresses that DNS has for `hostName`. Needs `serverDefaults.resolvers`. */
export interface ServerTemplate {
  prefix: string;
  slots: number;
  hostName: string;
  port: number;
}

/** All of the matches hold. */
export type Matches<Backend extends string = string, Userlist extends string = string> = readonly [
  Match<Backend, Userlist>,
  ...Match<Backend, Userlist>[],
];
/** All matches of a list, or all of one of several lists. */
export type Condition<Backend extends string = string, Userlist extends string = string> =
  | Matches<Backend, Userlist>
  | { anyOf: readonly [Matches<Backend, Userlist>, ...Matches<Backend, Userlist>[]] };

/** One property of a request; with several values, any of them. `not` negates it. */
export type Match<Backend extends string = string, Userlist extends string = string> = { not?: boolean } & (
  | { path: Values; how: Comparison }
  | { header: string; values: Values; how: Comparison; ignoreCase?: boolean }
  | { method: readonly [Method, ...Method[]] }
  /** IP addresses and ranges of clients. */
  | { source: Values }
  /** The client's user name and password are correct. */
  | { credentials: Userlist }
  /** Fewer than this many servers of a backend are up. */
  | { serversUp: Backend; below: number }
);
export type Values = readonly [string, ...string[]];
export type Comparison = "exact" | "prefix" | "suffix" | "contains";
export type Method = "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" | "TRACE" | "CONNECT";

/** Run in this order; without `if` for every request. */
export type RequestRule<Backend extends string = string, Userlist extends string = string> = { if?: Condition<Backend, Userlist> } & (
  | { do: "deny"; status: 400 | 401 | 403 | 404 | 405 | 410 | 413 | 429 | 500 | 501 | 502 | 503 | 504 }
  | { do: "answer"; status: number; contentType: string; text: string }
  | { do: "setHeader"; header: string; value: HeaderValue }
  | { do: "removeHeader"; header: string }
  /** The browser asks for name and password. */
  | { do: "askForPassword"; realm: string }
  /** A request that may not run twice: it is retried only if it never reached a server. */
  | { do: "disableRetries" }
  /** Prometheus metrics of HAProxy itself. */
  | { do: "serveMetrics" }
);

/** A fixed text, or a value that HAProxy knows about the request. */
export type HeaderValue = string | { sample: "src" | "src_port" | "dst" | "dst_port" | "method" | "path" | "uuid" };
