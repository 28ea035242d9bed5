/** The firewall of a host: a separate nftables table, so that Docker's rules and ours do not interfere. A packet dropped by one table stays dropped. */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import { GLOBAL_IPV6 } from "../../services/core/net/address-range.ts";
import { MESH_INTERFACE, MESH_PORT } from "../mesh.ts";
import { CLOSED_IPV4, CLOSED_IPV6 } from "../ranges.ts";
import { mustMatch } from "./refuse.ts";
import { SWARM_PORTS } from "./swarm-ports.ts";

export interface FirewallSettings {
  sshPort: number;
  /** Public addresses of the other hosts, which may use tinc. */
  peers: readonly string[];
  /** The network of all mesh addresses: `10.77.0.0/24`. */
  meshRange: string;
  /** Whether it answers on 80 and 443. */
  isEdge: boolean;
  /** Private ranges that containers may reach: `orbweaver:allowAddresses`. */
  allowAddresses: readonly string[];
}

const SWARM_TCP = `{ ${SWARM_PORTS.management}, ${SWARM_PORTS.gossip} }`;
const SWARM_UDP = `{ ${SWARM_PORTS.overlay}, ${SWARM_PORTS.gossip} }`;
/** Docker's bridges: the default one, the swarm's gateway, and those of its networks. */
const BRIDGES = `{ "docker0", "docker_gwbridge", "br-*" }`;

/**
 * `/etc/nftables.conf`, for `nft -f`: replaces our table atomically and leaves all others unchanged.
 *
 * From the internet: SSH, on edge hosts 80 and 443, and tinc from the other hosts. From the mesh: the swarm, and ports that a container
 * publishes. From containers: public addresses and `allowAddresses`, but neither the mesh, nor the host, nor other bridges, nor a provider's
 * internal services. Only DNS reaches every resolver, because Docker's own sends queries from inside the container's network.
 */
export function renderFirewall({ sshPort, peers, meshRange, isEdge, allowAddresses }: FirewallSettings): string {
  const mesh = mustMatch("meshRange", meshRange, /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/);
  const fromPeers = [...peers].sort().flatMap((peer) => peerRules(peer));
  return `#!/usr/sbin/nft -f
table inet orbweaver
delete table inet orbweaver
table inet orbweaver {
  chain input {
    type filter hook input priority filter - 10; policy drop;
    iifname "lo" accept
    ct state established,related accept
    ct state invalid drop
    ip saddr ${mesh} iifname != "${MESH_INTERFACE}" drop
    icmp type { echo-request, destination-unreachable, time-exceeded, parameter-problem } limit rate 50/second accept
    icmpv6 type { echo-request, destination-unreachable, packet-too-big, time-exceeded, parameter-problem, nd-router-solicit, nd-router-advert, nd-neighbor-solicit, nd-neighbor-advert } accept
    udp sport 67 udp dport 68 accept
    ip6 saddr fe80::/10 udp sport 547 udp dport 546 accept
    iifname ${BRIDGES} drop
    tcp dport ${port(sshPort)} accept
${[...fromPeers, ...(isEdge ? ["tcp dport { 80, 443 } accept"] : [])].map((rule) => `    ${rule}\n`).join("")}    iifname "${MESH_INTERFACE}" tcp dport ${SWARM_TCP} accept
    iifname "${MESH_INTERFACE}" udp dport ${SWARM_UDP} accept
  }
  chain forward {
    type filter hook forward priority filter - 10; policy drop;
    ct state established,related accept
    ct state invalid drop
    ip saddr ${mesh} iifname != "${MESH_INTERFACE}" drop
    iifname "${MESH_INTERFACE}" oifname ${BRIDGES} ct status dnat accept
${isEdge ? `    iifname != "${MESH_INTERFACE}" oifname ${BRIDGES} ct status dnat meta l4proto tcp ct original proto-dst { 80, 443 } accept\n` : ""}    iifname ${BRIDGES} oifname "${MESH_INTERFACE}" drop
    iifname ${BRIDGES} ct original ip daddr ${mesh} drop
    iifname ${BRIDGES} oifname ${BRIDGES} drop
    iifname ${BRIDGES} meta l4proto { tcp, udp } th dport 53 accept
${allowAddresses.map((range) => `    iifname ${BRIDGES} ${destination(range)} accept\n`).join("")}    iifname ${BRIDGES} ip daddr { ${CLOSED_IPV4.join(", ")} } drop
    iifname ${BRIDGES} ip6 daddr != ${GLOBAL_IPV6} drop
    iifname ${BRIDGES} ip6 daddr { ${CLOSED_IPV6.join(", ")} } drop
    iifname ${BRIDGES} accept
  }
}
`;
}

function peerRules(peer: string): string[] {
  const family = { 0: undefined, 4: "ip", 6: "ip6" }[isIP(peer) as 0 | 4 | 6];
  if (family === undefined) throw new Error(`peers = ${JSON.stringify(peer)} cannot be written: it is not an IP address`);
  return ["tcp", "udp"].map((protocol) => `${family} saddr ${peer} ${protocol} dport ${MESH_PORT} accept`);
}

function destination(range: string): string {
  if (!ipaddr.isValidCIDR(range)) throw new Error(`allowAddresses = ${JSON.stringify(range)} cannot be written: it is not a range`);
  return `${ipaddr.parseCIDR(range)[0].kind() === "ipv6" ? "ip6" : "ip"} daddr ${range}`;
}

function port(value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new Error(`sshPort = ${value} cannot be written: it is not a port`);
  return value;
}
