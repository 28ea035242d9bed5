/** The networks that a fleet creates on its hosts, and those that its Docker may create. */
import ipaddr from "ipaddr.js";
import { CLOUD_RANGES, networkOf } from "../services/core/net/address-range.ts";

/** Of the swarm's overlay networks. */
export const OVERLAY_RANGE = "10.201.0.0/16";
/** Digits of one overlay network's prefix. */
export const OVERLAY_PREFIX_LENGTH = 24;
/** Of the bridge that publishes the balancer's ports: its gateway is the source address of a host's own requests. */
export const FRONT_RANGE = "10.202.0.0/24";
/** Docker's default pools for its bridges (github.com/moby/moby, libnetwork/ipamutils). */
export const DOCKER_POOLS = [
  ...["172.17.0.0/16", "172.18.0.0/16", "172.19.0.0/16", "172.20.0.0/14", "172.24.0.0/14", "172.28.0.0/14"],
  "192.168.0.0/16",
] as const;
/**
 * IPv4 networks that containers must not reach: IANA's special-purpose registry without the documentation ranges, which no network routes and
 * which simulated fleets use, and addresses that clouds serve to their own machines.
 */
export const CLOSED_IPV4 = [
  ...["0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", ...CLOUD_RANGES, "169.254.0.0/16", "172.16.0.0/12"],
  ...["192.0.0.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4"],
] as const;
/** Inside the allocated block (`GLOBAL_IPV6`): special purposes such as Teredo, and 6to4, whose addresses contain an IPv4 address. */
export const CLOSED_IPV6 = ["2001::/23", "2002::/16"] as const;
/** Digits of the mesh's prefix. */
export const MESH_PREFIX_LENGTH = 24;

/** The network of all mesh addresses: `"10.77.0.1"` -> `"10.77.0.0/24"`. tinc announces single addresses; the firewall and the balancer use the range. */
export const meshRange = (meshIp: string): string => networkOf(`${meshIp}/${MESH_PREFIX_LENGTH}`);

/** Whether an IP address is in a range. A name is in none. */
export function isInRange(address: string, range: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const [parsed, [network, length]] = [ipaddr.parse(address), ipaddr.parseCIDR(range)];
  return parsed.kind() === network.kind() && parsed.match(network, length);
}

/** Whether two ranges overlap. */
export function rangesOverlap(one: string, other: string): boolean {
  const [[a, aLength], [b, bLength]] = [ipaddr.parseCIDR(one), ipaddr.parseCIDR(other)];
  return a.kind() === b.kind() && a.match(b, Math.min(aLength, bLength));
}
