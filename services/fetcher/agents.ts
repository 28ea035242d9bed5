import { Agent, buildConnector, type Dispatcher } from "undici";
import type { AddressGuard } from "../core/address-guard.ts";
import { type ProxyServer, parseProxy, proxyHeaders } from "../core/proxy/proxy.ts";
import { checkTarget, connectProxy, openTunnel } from "../core/proxy/tunnel.ts";
import type { Hop } from "./redirect.ts";

/** No task waits longer for its connection, whatever it asks for: half-open sockets must end some day. */
const MAX_CONNECT_MS = 300_000;
/** Some sites answer with more cookies than Node's 16 KiB hold. */
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_IDLE_MS = 10_000;
/** Proxies whose connections are kept. */
const MAX_PROXIES = 200;

/** How the requests of a task get to their hosts. */
export interface Route {
  /** Sends a request; `handler` hears what becomes of it. @throws PrivateAddressError if a proxy would have to be asked for what nobody may reach. */
  dispatch(hop: Hop, handler: Dispatcher.DispatchHandler): void;
  /** The proxy that takes such a request as it is, so that its answer may be the proxy's own. */
  forwarder(hop: Hop): ProxyServer | undefined;
}

/** Connection pools, one a host; kept alive between pages. */
export interface Agents extends AsyncDisposable {
  /**
   * @param isVerified whether certificates have to prove the host.
   * @param proxy its URL; undefined for none.
   * @throws BadProxyError
   */
  route(isVerified: boolean, proxy: string | undefined): Route;
}

interface OpenRoute extends Pick<Route, "dispatch"> {
  agents: Agent[];
}

/** Pools whose every connection passes `guard`. Disposing breaks what is under way. */
export function openAgents(guard: AddressGuard): Agents {
  const verified = openDirectRoute(guard, true);
  const unverified = openDirectRoute(guard, false);
  const proxied = new Map<string, OpenRoute>();
  const lastUsed = (key: string, open: () => OpenRoute) => {
    const route = proxied.get(key) ?? open();
    proxied.delete(key);
    proxied.set(key, route);
    if (proxied.size > MAX_PROXIES) closeOldest(proxied);
    return route;
  };
  return {
    route(isVerified, proxy) {
      if (proxy === undefined) return isVerified ? verified : unverified;
      const key = `${isVerified} ${proxy}`;
      const server = parseProxy(proxy);
      // Looked up for each request: between two of one task its pools may have been closed in favour of others.
      return {
        dispatch: (hop, handler) => lastUsed(key, () => openProxiedRoute(server, guard, isVerified)).dispatch(hop, handler),
        forwarder: (hop) => forwarderOf(server, hop),
      };
    },
    async [Symbol.asyncDispose]() {
      const agents = [verified, unverified, ...proxied.values()].flatMap((route) => route.agents);
      await Promise.all(agents.map((agent) => agent.destroy()));
    },
  };
}

/** What is under way comes to its end. */
function closeOldest(routes: Map<string, OpenRoute>): void {
  const [oldest] = routes;
  if (!oldest) return;
  routes.delete(oldest[0]);
  for (const agent of oldest[1].agents) void agent.close();
}

function openDirectRoute(guard: AddressGuard, isVerified: boolean): OpenRoute & Route {
  const connect = buildConnector({ ...CONNECT, rejectUnauthorized: isVerified, lookup: guard.lookup });
  const agent = openAgent((target, callback) => {
    try {
      guard.checkHost(target.hostname);
    } catch (error) {
      return callback(error as Error, null);
    }
    return connect(target, callback);
  });
  return {
    agents: [agent],
    dispatch: ({ url, method, headers, body }, handler) =>
      void agent.dispatch({ origin: url.origin, path: url.pathname + url.search, method, headers, body: body ?? null }, handler),
    forwarder: () => undefined,
  };
}

/** Proxies for HTTP take requests for http: URLs as they are, and many refuse tunnels for them. */
const forwarderOf = (proxy: ProxyServer, { url }: Hop) => (proxy.protocol !== "socks5:" && url.protocol === "http:" ? proxy : undefined);

/** Through a tunnel, unless the proxy forwards. */
function openProxiedRoute(proxy: ProxyServer, guard: AddressGuard, isVerified: boolean): OpenRoute {
  const secure = buildConnector({ ...CONNECT, rejectUnauthorized: isVerified });
  const tunnels = openAgent((target, callback) => {
    const isSecure = target.protocol === "https:";
    const port = Number(target.port) || (isSecure ? 443 : 80);
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    openTunnel(proxy, { host, port }, guard).then(
      (socket) => (isSecure ? secure({ ...target, httpSocket: socket }, callback) : callback(null, socket)),
      (error) => callback(error, null),
    );
  });
  const forwards = openAgent((_proxy, callback) => {
    connectProxy(proxy, guard).then(
      (socket) => callback(null, socket),
      (error) => callback(error, null),
    );
  });
  return {
    agents: [tunnels, forwards],
    dispatch(hop, handler) {
      const { url, method, body } = hop;
      checkTarget(url.hostname, guard);
      const path = url.pathname + url.search;
      const headers = { ...hop.headers, host: hop.headers.host ?? url.host, ...proxyHeaders(proxy) };
      if (forwarderOf(proxy, hop))
        forwards.dispatch({ origin: "http://proxy", path: url.origin + path, method, headers, body: body ?? null }, handler);
      else tunnels.dispatch({ origin: url.origin, path, method, headers: hop.headers, body: body ?? null }, handler);
    },
  };
}

const CONNECT = { timeout: MAX_CONNECT_MS, allowH2: false };

function openAgent(connect: buildConnector.connector): Agent {
  return new Agent({
    connect,
    allowH2: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    // The chain's own clock is the only one.
    headersTimeout: 0,
    bodyTimeout: 0,
    // Whatever a server promises: a crawl of many hosts must not keep one open to each.
    keepAliveMaxTimeout: MAX_IDLE_MS,
  });
}
