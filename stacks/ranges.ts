/** The networks that a fleet makes on its hosts, and those that its Docker may make. */
import ipaddr from "ipaddr.js";

/** Of the swarm's overlay networks. */
export const OVERLAY_RANGE = "10.201.0.0/16";
/** Digits of one overlay network's prefix. */
export const OVERLAY_PREFIX_LENGTH = 24;
/** Of the bridge that publishes the balancer's ports: its gateway is where a host's own requests come from. */
export const FRONT_RANGE = "10.202.0.0/24";
/** What Docker takes for its bridges unless told otherwise (github.com/moby/moby, libnetwork/ipamutils). */
export const DOCKER_POOLS = [
  ...["172.17.0.0/16", "172.18.0.0/16", "172.19.0.0/16", "172.20.0.0/14", "172.24.0.0/14", "172.28.0.0/14"],
  "192.168.0.0/16",
] as const;
/** Digits of the mesh's prefix. */
export const MESH_PREFIX_LENGTH = 24;

/** The network of all mesh addresses: `"10.77.0.1"` -> `"10.77.0.0/24"`. tinc announces single addresses; the firewall and the balancer take the range. */
export const meshRange = (meshIp: string): string => networkOf(`${meshIp}/${MESH_PREFIX_LENGTH}`);

/** A range with all bits behind its prefix zero: `"10.0.0.5/8"` -> `"10.0.0.0/8"`. IPv6 comes in its shortest form. */
export function networkOf(range: string): string {
  const [address, length] = ipaddr.parseCIDR(range);
  const network =
    address.kind() === "ipv4" ? ipaddr.IPv4.networkAddressFromCIDR(range) : ipaddr.IPv6.networkAddressFromCIDR(range).toRFC5952String();
  return `${network}/${length}`;
}

/** Whether an IP address lies in a range. A name lies in none. */
export function isInRange(address: string, range: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const [parsed, [network, length]] = [ipaddr.parse(address), ipaddr.parseCIDR(range)];
  return parsed.kind() === network.kind() && parsed.match(network, length);
}

/** Whether two ranges share an address. */
export function rangesOverlap(one: string, other: string): boolean {
  const [[a, aLength], [b, bLength]] = [ipaddr.parseCIDR(one), ipaddr.parseCIDR(other)];
  return a.kind() === b.kind() && a.match(b, Math.min(aLength, bLength));
}
