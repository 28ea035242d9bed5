/** The public addresses of a fleet, from its stack config alone. */
import type { Host } from "./config/schema.ts";
import type { FleetConfig } from "./config.ts";
import { edgeUrl } from "./edge-url.ts";

/** The URLs of the web UI: the domain, or without one each edge host. */
export const edgeUrls = ({ hosts, tls }: Pick<FleetConfig, "hosts" | "tls">): string[] =>
  tls === undefined ? hosts.filter(({ isEdge }) => isEdge).map(({ address }) => edgeUrl(address)) : [`https://${tls.domain}`];

/** Public addresses by host name. */
export const hostAddresses = (hosts: readonly Host[]): Record<string, string> =>
  Object.fromEntries(hosts.map(({ name, address }) => [name, address]));
