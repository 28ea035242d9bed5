import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket, type TcpNetConnectOpts } from "node:net";
import type { Duplex } from "node:stream";
import { LRUCache } from "lru-cache";
import type { AddressGuard } from "../core/net/address-guard.ts";
import { ProxyError } from "../core/net/proxy/errors.ts";
import { type ProxyServer, proxyHeaders } from "../core/net/proxy/proxy.ts";
import { checkTarget, connectProxy, openTunnel, type Target } from "../core/net/proxy/tunnel.ts";
import { beginAnswer, repairAnswers } from "../core/net/repaired-socket.ts";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { limitConnections, SERVER_LIMITS, type ServerLimits, serverOptionsOf } from "../core/runtime/server-limits.ts";

/** Failures are queried right after they happen. */
const MAX_FAILURES = 1_000;
const HTTP_PORT = 80;
/** An idle connection is closed after this time; a loading page reuses it at once. */
const KEPT = { keepAlive: true, timeout: 5_000 };
const PROXY_LOGIN_STATUS = 407;

/**
 * The proxy for all of Chromium's traffic, so that the address guard checks the connections of pages, their scripts and their redirects.
 * It listens on loopback; disposing closes all connections.
 */
export interface GuardProxy extends AsyncDisposable {
  port: number;
  /** Why the last connection to `url`'s host and port failed, if that was after `since` (`performance.now()`). Chromium itself learns only that it failed. */
  failureOf(url: string, since: number): Error | undefined;
}

/** Opens the proxy on a free loopback port. With `upstream`, everything goes through the task's proxy. */
export async function openGuardProxy(
  guard: AddressGuard,
  upstream?: ProxyServer,
  limits: ServerLimits = SERVER_LIMITS,
): Promise<GuardProxy> {
  const failures = new LRUCache<string, { error: Error; at: number }>({ max: MAX_FAILURES });
  const tunnels = new Set<Duplex>();
  const agent = upstream ? new UpstreamAgent(upstream, guard) : new DirectAgent(KEPT);
  const remember = (target: Target, error: Error) => void failures.set(keyOf(target), { error, at: performance.now() });
  const server = createServer(serverOptionsOf(limits), (request, response) =>
    forward({ request, response, guard, agent, remember, upstream }),
  );
  limitConnections(server, limits);
  server.on("connect", (request: IncomingMessage, client: Duplex) => {
    tunnels.add(client);
    client.once("close", () => tunnels.delete(client));
    serveTunnel(request.url ?? "", client, { guard, remember, upstream });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    port: (server.address() as AddressInfo).port,
    failureOf(url, since) {
      const failure = URL.canParse(url) ? failures.get(keyOf(targetOf(new URL(url)))) : undefined;
      return failure && failure.at >= since ? failure.error : undefined;
    },
    async [Symbol.asyncDispose]() {
      for (const tunnel of tunnels) tunnel.destroy();
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await once(server, "close");
    },
  };
}

type Remember = (target: Target, error: Error) => void;

const keyOf = ({ host, port }: Target) => `${host}:${port}`;

const targetOf = ({ hostname, port, protocol }: URL): Target => ({
  host: hostname.replace(/^\[(.*)\]$/, "$1"),
  port: Number(port) || (protocol === "https:" ? 443 : HTTP_PORT),
});

function refusalOf({ host }: Target, guard: AddressGuard): Error | undefined {
  try {
    checkTarget(host, guard);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

interface ProxyRoute {
  guard: AddressGuard;
  remember: Remember;
  upstream: ProxyServer | undefined;
}

/** `CONNECT host:port`, used for TLS and WebSockets. */
function serveTunnel(authority: string, client: Duplex, { guard, remember, upstream }: ProxyRoute): void {
  client.on("error", () => {});
  const url = `https://${authority}`;
  if (!URL.canParse(url)) {
    client.destroy();
    return;
  }
  const target = targetOf(new URL(url));
  const fail = (error: Error) => {
    remember(target, error);
    client.destroy();
  };
  const refusal = refusalOf(target, guard);
  if (refusal) fail(refusal);
  else
    (upstream ? openTunnel(upstream, target, guard) : connectDirectly(target, guard)).then(
      (remote) => joinTunnel(client, remote, fail),
      fail,
    );
}

async function connectDirectly(target: Target, guard: AddressGuard): Promise<Socket> {
  const remote = connect({ ...target, lookup: guard.lookup, timeout: TIME_LIMITS.connectMs });
  remote.once("timeout", () => remote.destroy(new Error(`no connection within ${TIME_LIMITS.connectMs} ms`)));
  await once(remote, "connect");
  return remote.setTimeout(0);
}

function joinTunnel(client: Duplex, remote: Socket, fail: (error: Error) => void): void {
  remote.once("error", fail);
  remote.once("close", () => client.destroy());
  if (client.destroyed) {
    remote.destroy();
    return;
  }
  client.once("close", () => remote.destroy());
  client.write("HTTP/1.1 200 Connection established\r\n\r\n");
  client.pipe(remote).pipe(client);
}

/** Connections for plain HTTP. Their answers are read as Chromium itself reads them, and reach it in the standard's form. */
class DirectAgent extends Agent {
  override createConnection(options: TcpNetConnectOpts): Socket {
    return repairAnswers(connect(options));
  }
}

/** Connections for plain HTTP: to the proxy itself, or with SOCKS through it. */
class UpstreamAgent extends Agent {
  readonly #upstream: ProxyServer;
  readonly #guard: AddressGuard;

  constructor(upstream: ProxyServer, guard: AddressGuard) {
    super(KEPT);
    this.#upstream = upstream;
    this.#guard = guard;
  }

  override createConnection(options: object, callback?: (error: Error | null, socket: Duplex) => void): undefined {
    const { host, port } = options as Target;
    const connecting =
      this.#upstream.protocol === "socks5:"
        ? openTunnel(this.#upstream, { host, port }, this.#guard)
        : connectProxy(this.#upstream, this.#guard);
    connecting.then(
      (socket) => callback?.(null, repairAnswers(socket)),
      (error) => callback?.(error, undefined as unknown as Duplex),
    );
  }
}

interface Forward extends ProxyRoute {
  request: IncomingMessage;
  response: ServerResponse;
  agent: Agent;
}

/** `GET http://host/path`: plain HTTP. A failure ends the connection without an answer, which no page could have sent. */
function forward({ request, response, guard, agent, remember, upstream }: Forward): void {
  if (!URL.canParse(request.url ?? "")) {
    response.writeHead(400).end();
    return;
  }
  const url = new URL(request.url ?? "");
  const target = targetOf(url);
  const fail = (error: Error) => {
    remember(target, error);
    response.destroy();
  };
  const refusal = refusalOf(target, guard);
  if (refusal) {
    fail(refusal);
    return;
  }
  const { "proxy-connection": _ours, "proxy-authorization": _neither, ...headers } = request.headers;
  // An HTTP proxy gets the whole URL.
  const proxy = upstream?.protocol === "socks5:" ? undefined : upstream;
  const asked = proxy ? { path: url.href, headers: { ...headers, ...proxyHeaders(proxy) } } : { path: url.pathname + url.search, headers };
  const options = { ...target, ...asked, method: request.method ?? "GET", agent, lookup: guard.lookup };
  const outgoing = requestHttp(options, (answer) => {
    if (proxy && answer.statusCode === PROXY_LOGIN_STATUS) {
      answer.destroy(new ProxyError(proxy.label, `it answered with status ${PROXY_LOGIN_STATUS}`));
      return;
    }
    answer.once("error", () => response.destroy());
    try {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    } catch (error) {
      // Node reads a status of 99, or a trailer that cannot come, and does not write it.
      answer.destroy();
      fail(error as Error);
      return;
    }
    answer.pipe(response);
  });
  outgoing.once("socket", beginAnswer);
  outgoing.once("error", fail);
  response.once("close", () => outgoing.destroy());
  request.pipe(outgoing);
}
