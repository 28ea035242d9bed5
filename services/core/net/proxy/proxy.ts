import { BadProxyError } from "./errors.ts";

const DEFAULT_PORTS = { "http:": 80, "https:": 443, "socks5:": 1_080 } as const;

/** A proxy of a task. */
export interface ProxyServer {
  protocol: keyof typeof DEFAULT_PORTS;
  /** IPv6 without brackets. */
  host: string;
  port: number;
  /** "" if absent. */
  username: string;
  password: string;
  /** For messages: `socks5://proxy.example:1080`, without credentials. */
  label: string;
}

/**
 * `http://user:password@proxy.example:8080`, `https://…` (TLS to the proxy) or `socks5://…`. Default ports: 80, 443, 1080.
 *
 * @throws BadProxyError
 */
export function parseProxy(text: string): ProxyServer {
  const url = URL.parse(text);
  const protocol = url?.protocol as ProxyServer["protocol"];
  if (!url?.hostname || !(protocol in DEFAULT_PORTS) || url.pathname.length > 1 || url.search || url.hash) throw new BadProxyError();
  const [username, password] = [decode(url.username), decode(url.password)];
  if (protocol === "socks5:" && !isSocksLogin(username, password)) throw new BadProxyError();
  const port = Number(url.port) || DEFAULT_PORTS[protocol];
  return {
    protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port,
    username,
    password,
    label: `${protocol}//${url.hostname}:${port}`,
  };
}

/** Each part has one byte for its length, and a password requires a user (RFC 1929, section 2). */
const isSocksLogin = (username: string, password: string) =>
  [username, password].every((part) => Buffer.byteLength(part) <= 255) && (username !== "" || password === "");

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadProxyError();
  }
}

/** The header `Proxy-Authorization`, if the proxy has a user. */
export function proxyHeaders({ username, password }: ProxyServer): Record<string, string> {
  if (username === "") return {};
  return { "proxy-authorization": `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}
