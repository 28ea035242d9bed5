import { constants } from "node:crypto";
import { subscribe } from "node:diagnostics_channel";
import type { Socket } from "node:net";
import { LRUCache } from "lru-cache";
import { Agent, buildConnector, type Dispatcher } from "undici";
import type { AddressGuard } from "../core/net/address-guard.ts";
import { type ProxyServer, parseProxy, proxyHeaders } from "../core/net/proxy/proxy.ts";
import { checkTarget, connectProxy, openTunnel } from "../core/net/proxy/tunnel.ts";
import { beginAnswer, repairAnswers } from "../core/net/repaired-socket.ts";
import { mergeHeaders, type TlsOptions } from "../core/protocol/fetch-options.ts";
import type { Hop } from "./redirect.ts";

/** The maximum connection time of any task, because half-open sockets must end. */
const MAX_CONNECT_MS = 300_000;
/** Some sites send more cookies than Node's 16 KiB limit allows. */
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_IDLE_MS = 10_000;
/** Proxies, and ways of TLS, whose connections are kept. */
const MAX_ROUTES = 200;
/** Hosts that are remembered for speaking HTTP/2 alone; another one costs a handshake more. */
const MAX_HTTP2_HOSTS = 1_000;

/** How the requests of a task reach their hosts. */
export interface Route {
  /** Sends a request; `handler` receives its events. @throws PrivateAddressError if a proxy would have to connect to a forbidden address. */
  dispatch(hop: Hop, handler: Dispatcher.DispatchHandler): void;
  /** Uses HTTP/2 with this host from now on. False: it does already, or it cannot, because the URL is not https:. */
  switchToHttp2(hop: Hop): boolean;
  /** The proxy that forwards such a request, so that the answer may be the proxy's own. */
  forwarder(hop: Hop): ProxyServer | undefined;
}

/** The way to a host. Its connections are used for no other way. */
export interface Way {
  /** Whether to verify the host's certificate. */
  isVerified: boolean;
  tls?: TlsOptions | undefined;
  /** URL of the proxy; undefined for none. */
  proxy: string | undefined;
}

/** Connection pools, one per host; kept alive between pages. */
export interface Agents extends AsyncDisposable {
  /** @throws BadProxyError */
  route(way: Way): Route;
}

interface OpenRoute extends Pick<Route, "dispatch" | "switchToHttp2"> {
  agents: Agent[];
}

/** Pools whose every connection passes `guard`. Disposing aborts running requests. */
export function openAgents(guard: AddressGuard): Agents {
  const usual = openDirectRoute(guard, tlsOf({ isVerified: true }));
  const others = new LRUCache<string, OpenRoute>({ max: MAX_ROUTES, dispose: closeRoute });
  const lastUsed = (key: string, open: () => OpenRoute) => {
    const known = others.get(key);
    if (known) return known;
    const route = open();
    others.set(key, route);
    return route;
  };
  return {
    route({ isVerified, tls, proxy }) {
      if (isVerified && tls === undefined && proxy === undefined) return usual;
      const key = JSON.stringify([isVerified, tls, proxy]);
      const server = proxy === undefined ? undefined : parseProxy(proxy);
      const secure = tlsOf({ isVerified, tls });
      const open = () => (server ? openProxiedRoute(server, guard, secure) : openDirectRoute(guard, secure));
      // Looked up for each request: between two requests of one task its pools may have been closed in favour of others.
      return {
        dispatch: (hop, handler) => lastUsed(key, open).dispatch(hop, handler),
        switchToHttp2: (hop) => lastUsed(key, open).switchToHttp2(hop),
        forwarder: (hop) => server && forwarderOf(server, hop),
      };
    },
    async [Symbol.asyncDispose]() {
      const agents = [usual, ...others.values()].flatMap((route) => route.agents);
      await Promise.all(agents.map((agent) => agent.destroy()));
    },
  };
}

/** OpenSSL's lowest level of security: versions before TLS 1.2 sign with SHA-1, which higher levels refuse. */
const OLD_CIPHERS = "DEFAULT@SECLEVEL=0";

/** Options of Node's TLS. Servers without secure renegotiation (RFC 5746) are accepted, as by browsers. */
function tlsOf({ isVerified, tls = {} }: Pick<Way, "isVerified" | "tls">) {
  const { minVersion, ciphers = minVersion === "TLSv1" || minVersion === "TLSv1.1" ? OLD_CIPHERS : undefined } = tls;
  return {
    rejectUnauthorized: isVerified,
    secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT,
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(ciphers === undefined ? {} : { ciphers }),
  };
}

type Secure = ReturnType<typeof tlsOf>;

/** Running requests finish. */
function closeRoute({ agents }: OpenRoute): void {
  for (const agent of agents) void agent.close();
}

function openDirectRoute(guard: AddressGuard, secure: Secure): OpenRoute & Route {
  const pools = openHostPools((allowH2) => {
    const connect = buildConnector({ ...CONNECT, ...secure, allowH2, lookup: guard.lookup });
    return (target, callback) => {
      try {
        guard.checkHost(target.hostname);
      } catch (error) {
        return callback(error as Error, null);
      }
      return connect(target, callback);
    };
  });
  return {
    ...pools,
    dispatch: ({ url, method, headers, body }, handler) =>
      void pools
        .of(url.origin)
        .dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null }, handler),
    forwarder: () => undefined,
  };
}

/** HTTP proxies forward requests for http: URLs, and many refuse tunnels for them. */
const forwarderOf = (proxy: ProxyServer, { url }: Hop) => (proxy.protocol !== "socks5:" && url.protocol === "http:" ? proxy : undefined);

/** Through a tunnel, unless the proxy forwards. */
function openProxiedRoute(proxy: ProxyServer, guard: AddressGuard, options: Secure): OpenRoute {
  const tunnels = openHostPools((allowH2) => {
    const secure = buildConnector({ ...CONNECT, ...options, allowH2 });
    return (target, callback) => {
      const isSecure = target.protocol === "https:";
      const port = Number(target.port) || (isSecure ? 443 : 80);
      const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
      openTunnel(proxy, { host, port }, guard).then(
        (socket) => (isSecure ? secure({ ...target, httpSocket: socket }, callback) : callback(null, socket)),
        (error) => callback(error, null),
      );
    };
  });
  const forwards = openAgent((_proxy, callback) => {
    connectProxy(proxy, guard).then(
      (socket) => callback(null, socket),
      (error) => callback(error, null),
    );
  });
  return {
    agents: [...tunnels.agents, forwards],
    switchToHttp2: tunnels.switchToHttp2,
    dispatch(hop, handler) {
      const { url, method, body } = hop;
      checkTarget(url.hostname, guard);
      const path = url.pathname + url.search;
      const headers = mergeHeaders(mergeHeaders({ host: url.host }, hop.headers), proxyHeaders(proxy));
      if (forwarderOf(proxy, hop))
        forwards.dispatch({ origin: "http://proxy", path: url.origin + path, method, headers, body: body ?? null }, handler);
      else tunnels.of(url.origin).dispatch({ origin: url.origin, path, method, headers: hop.headers, body: body ?? null }, handler);
    },
  };
}

const CONNECT = { timeout: MAX_CONNECT_MS };

/**
 * Pools of connections by host: of HTTP/1.1, and of HTTP/2 for the hosts that speak nothing else. HTTP/1.1 comes first because its answers are
 * bounded one by one, and because most servers of HTTP/2 speak both.
 */
function openHostPools(connector: (allowH2: boolean) => buildConnector.connector) {
  const http1 = openAgent(connector(false));
  const http2 = openAgent(connector(true), true);
  const http2Origins = new LRUCache<string, true>({ max: MAX_HTTP2_HOSTS });
  return {
    agents: [http1, http2],
    of: (origin: string) => (http2Origins.get(origin) ? http2 : http1),
    switchToHttp2({ url }: Hop): boolean {
      if (url.protocol !== "https:" || http2Origins.has(url.origin)) return false;
      http2Origins.set(url.origin, true);
      return true;
    },
  };
}

// Undici sends one request at a time on a connection.
subscribe("undici:client:sendHeaders", (message) => beginAnswer((message as { socket: object }).socket));

/** Reads answers as browsers do. */
function openAgent(connect: buildConnector.connector, allowH2 = false): Agent {
  return new Agent({
    connect: (target, callback) =>
      connect(target, (...[error, socket]: Parameters<buildConnector.Callback>) =>
        error ? callback(error, null) : callback(null, allowH2 ? socket : repairAnswers(socket as Socket)),
      ),
    allowH2,
    maxHeaderSize: MAX_HEADER_BYTES,
    // Only the chain's own timeout applies.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Whatever a server offers: a crawl of many hosts must not keep a connection open to each.
    keepAliveMaxTimeout: MAX_IDLE_MS,
  });
}
