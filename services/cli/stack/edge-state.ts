/** Requests each edge as its users do. */
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import type { TLSSocket } from "node:tls";
import type { FleetConfig, Host } from "../../../stacks/config.ts";
import { edgeUrl, urlHost } from "../../../stacks/edge-url.ts";
import type { EdgeState } from "./certificate-state.ts";

const EDGE_MS = 5_000;
const PAGE = "/login";

/** Asks one edge by its address: the domain may lead to another. */
export const askEdge = ({ address }: Host, tls: FleetConfig["tls"]): Promise<EdgeState> =>
  tls === undefined ? askPlain(address) : askTls({ address, port: 443 }, tls.domain);

async function askPlain(address: string): Promise<EdgeState> {
  const url = edgeUrl(address);
  const answer = await fetch(`${url}${PAGE}`, { signal: AbortSignal.timeout(EDGE_MS), redirect: "manual" }).catch(() => undefined);
  return { url, status: answer?.status ?? 0 };
}

/** The certificate is read but not verified: with a staging directory, verification always fails. */
export async function askTls({ address, port }: { address: string; port: number }, domain: string): Promise<EdgeState> {
  const url = `https://${urlHost(address)}`;
  const options = { host: address, port, path: PAGE, servername: domain, headers: { host: domain }, agent: false as const };
  try {
    const asked = request({ ...options, rejectUnauthorized: false, signal: AbortSignal.timeout(EDGE_MS) }).end();
    const [answer] = (await once(asked, "response")) as [IncomingMessage];
    const certificate = (answer.socket as TLSSocket).getPeerX509Certificate();
    answer.destroy();
    const isOurs = certificate?.checkHost(domain) !== undefined;
    return {
      url,
      status: answer.statusCode ?? 0,
      ...(certificate && isOurs ? { goodUntil: certificate.validToDate.getTime() / 1_000 } : {}),
    };
  } catch {
    return { url, status: 0 };
  }
}
