/** Where a fleet answers, by its stack config alone. */
import type { Host } from "./config/schema.ts";
import { edgeUrl } from "./edge-url.ts";

/** Where the web UI answers, one URL an edge host. */
export const edgeUrls = (hosts: readonly Host[]): string[] => hosts.filter(({ isEdge }) => isEdge).map(({ address }) => edgeUrl(address));

/** Public addresses by host name. */
export const hostAddresses = (hosts: readonly Host[]): Record<string, string> =>
  Object.fromEntries(hosts.map(({ name, address }) => [name, address]));
