import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request as requestHttp, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AddressGuard } from "../core/address-guard.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";

/** Failures are asked for right after they happen. */
const REMEMBERED_FAILURES = 1_000;
const HTTP_PORT = 80;

/**
 * The proxy through which all of Chromium's traffic goes, so that the address guard sees what pages, their scripts and their redirects connect to.
 * It listens on loopback; disposing cuts everything off.
 */
export interface GuardProxy extends AsyncDisposable {
  port: number;
  /** Why the last connection to `url`'s host and port failed, if that was after `since` (`performance.now()`). Chromium itself only learns that it did. */
  failureOf(url: string, since: number): Error | undefined;
}

/** Opens the proxy on a free loopback port. */
export async function openGuardProxy(guard: AddressGuard): Promise<GuardProxy> {
  const failures = new Map<string, { error: Error; at: number }>();
  const tunnels = new Set<Duplex>();
  const agent = new Agent({ keepAlive: true });
  const remember = (target: Target, error: Error) => {
    failures.delete(keyOf(target));
    failures.set(keyOf(target), { error, at: performance.now() });
    const [oldest] = failures.keys();
    if (failures.size > REMEMBERED_FAILURES && oldest !== undefined) failures.delete(oldest);
  };
  const server = createServer((request, response) => forward({ request, response, guard, agent, remember }));
  server.on("connect", (request: IncomingMessage, client: Duplex) => {
    tunnels.add(client);
    client.once("close", () => tunnels.delete(client));
    openTunnel(request.url ?? "", client, { guard, remember });
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

interface Target {
  host: string;
  port: number;
}

type Remember = (target: Target, error: Error) => void;

const keyOf = ({ host, port }: Target) => `${host}:${port}`;

const targetOf = ({ hostname, port, protocol }: URL): Target => ({
  host: hostname.replace(/^\[(.*)\]$/, "$1"),
  port: Number(port) || (protocol === "https:" ? 443 : HTTP_PORT),
});

function refusalOf({ host }: Target, guard: AddressGuard): Error | undefined {
  try {
    guard.checkHost(host);
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** `CONNECT host:port`: what TLS and WebSockets use. */
function openTunnel(authority: string, client: Duplex, { guard, remember }: { guard: AddressGuard; remember: Remember }): void {
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
  if (refusal) {
    fail(refusal);
    return;
  }
  const remote = connect({ ...target, lookup: guard.lookup, timeout: TIME_LIMITS.connectMs });
  remote.once("timeout", () => remote.destroy(new Error(`no connection within ${TIME_LIMITS.connectMs} ms`)));
  remote.once("error", fail);
  remote.once("connect", () => joinTunnel(client, remote));
  client.once("close", () => remote.destroy());
}

function joinTunnel(client: Duplex, remote: Socket): void {
  remote.setTimeout(0);
  remote.once("close", () => client.destroy());
  client.write("HTTP/1.1 200 Connection established\r\n\r\n");
  client.pipe(remote).pipe(client);
}

interface Forward {
  request: IncomingMessage;
  response: ServerResponse;
  guard: AddressGuard;
  agent: Agent;
  remember: Remember;
}

/** `GET http://host/path`: plain HTTP. A failure ends the connection without an answer, which no page could have sent. */
function forward({ request, response, guard, agent, remember }: Forward): void {
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
  const options = { ...target, path: url.pathname + url.search, method: request.method ?? "GET", headers, agent, lookup: guard.lookup };
  const outgoing = requestHttp(options, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
    answer.once("error", () => response.destroy());
  });
  outgoing.once("error", fail);
  response.once("close", () => outgoing.destroy());
  request.pipe(outgoing);
}
