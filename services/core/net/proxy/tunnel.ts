/** Connections through a proxy. The guard checks the proxy's own address; the proxy resolves the names of targets. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { SocksClient } from "socks";
import { CrawlerError } from "../../protocol/errors.ts";
import type { AddressGuard } from "../address-guard.ts";
import { ProxyError } from "./errors.ts";
import { type ProxyServer, proxyHeaders } from "./proxy.ts";

/** The caller has its own timeout; this one ends half-open connections. */
const HALF_OPEN_MS = 60_000;

export interface Target {
  /** IPv6 without brackets. */
  host: string;
  port: number;
}

/**
 * Checks a target before its proxy resolves it: a literal address, and that `localhost` is always this machine (RFC 6761).
 *
 * @throws PrivateAddressError
 */
export function checkTarget(host: string, guard: AddressGuard): void {
  guard.checkHost(/(^|\.)localhost\.?$/i.test(host) ? "127.0.0.1" : host);
}

/** A connection to the proxy itself, with TLS for `https://`. Rejects with ProxyError or PrivateAddressError. */
export async function connectProxy(proxy: ProxyServer, guard: AddressGuard): Promise<Socket> {
  const { host, port, protocol, label } = proxy;
  guard.checkHost(host);
  const address = { host, port, lookup: guard.lookup };
  const isSecure = protocol === "https:";
  const socket = isSecure ? connectTls({ ...address, servername: isIP(host) ? "" : host, ALPNProtocols: ["http/1.1"] }) : connect(address);
  socket.setNoDelay(true);
  const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${HALF_OPEN_MS / 1_000} s`)), HALF_OPEN_MS);
  try {
    await once(socket, isSecure ? "secureConnect" : "connect");
    return socket;
  } catch (error) {
    socket.destroy();
    throw toProxyError(error, label);
  } finally {
    clearTimeout(timer);
  }
}

/** A connection to `target` through the proxy: CONNECT, or SOCKS 5. Rejects with ProxyError or PrivateAddressError. */
export async function openTunnel(proxy: ProxyServer, target: Target, guard: AddressGuard): Promise<Socket> {
  checkTarget(target.host, guard);
  const socket = await connectProxy(proxy, guard);
  try {
    await (proxy.protocol === "socks5:" ? throughSocks(socket, proxy, target) : throughConnect(socket, proxy, target));
    return socket;
  } catch (error) {
    socket.destroy();
    throw toProxyError(error, proxy.label);
  }
}

async function throughSocks(socket: Socket, { host, port, username, password }: ProxyServer, target: Target): Promise<void> {
  const login = username === "" ? {} : { userId: username, password };
  await SocksClient.createConnection({
    command: "connect",
    destination: target,
    proxy: { host, port, type: 5, ...login },
    existing_socket: socket,
    timeout: HALF_OPEN_MS,
  });
}

async function throughConnect(socket: Socket, proxy: ProxyServer, { host, port }: Target): Promise<void> {
  const authority = `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  const asked = request({
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...proxyHeaders(proxy) },
    createConnection: () => socket,
    timeout: HALF_OPEN_MS,
  });
  asked.once("timeout", () => asked.destroy(new Error(`no answer within ${HALF_OPEN_MS / 1_000} s`)));
  asked.once("response", (response: IncomingMessage) => asked.destroy(new Error(`it answered with status ${response.statusCode}`)));
  asked.end();
  const [{ statusCode }, , head] = (await once(asked, "connect")) as [IncomingMessage, Socket, Buffer];
  if (statusCode !== 200) throw new Error(`it answered with status ${statusCode}`);
  if (head.length > 0) socket.unshift(head);
}

/** Only the error's text: the fields of a SOCKS error contain the password. */
function toProxyError(error: unknown, label: string): CrawlerError {
  if (error instanceof CrawlerError) return error;
  const { message, code } = error as NodeJS.ErrnoException;
  const [first] = error instanceof AggregateError ? error.errors : [];
  if (first instanceof CrawlerError) return first;
  return new ProxyError(label, message || first?.message || code || "no connection");
}
