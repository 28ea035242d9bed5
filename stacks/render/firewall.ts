/** The firewall of a host: an nftables table of its own, so that Docker's rules and ours never touch. What one table drops, no other can accept. */
import { isIP } from "node:net";
import { MESH_INTERFACE, MESH_PORT } from "../mesh.ts";
import { mustMatch } from "./refuse.ts";
import { SWARM_PORTS } from "./swarm-ports.ts";

export interface FirewallSettings {
  sshPort: number;
  /** Public addresses of the other hosts: who may speak tinc. */
  peers: readonly string[];
  /** The network of all mesh addresses: `10.77.0.0/24`. */
  meshRange: string;
  /** Whether it answers on 80 and 443. */
  isEdge: boolean;
}

const SWARM_TCP = `{ ${SWARM_PORTS.management}, ${SWARM_PORTS.gossip} }`;
const SWARM_UDP = `{ ${SWARM_PORTS.overlay}, ${SWARM_PORTS.gossip} }`;
/** Docker's bridges: the default one, the swarm's gateway, and those of its networks. */
const BRIDGES = `{ "docker0", "docker_gwbridge", "br-*" }`;

/**
 * `/etc/nftables.conf`, for `nft -f`: replaces our table in one step and leaves every other alone.
 *
 * From the internet: SSH, on edge hosts 80 and 443, and tinc from the other hosts. From the mesh: the swarm, and ports that a container
 * publishes. From containers: the internet, but neither the mesh, nor the host, nor link-local addresses (a provider's metadata).
 */
export function renderFirewall({ sshPort, peers, meshRange, isEdge }: FirewallSettings): string {
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
    iifname ${BRIDGES} udp dport 53 accept
    iifname ${BRIDGES} tcp dport 53 accept
    iifname ${BRIDGES} ip daddr 169.254.0.0/16 drop
    iifname ${BRIDGES} ip6 daddr fe80::/10 drop
    iifname ${BRIDGES} accept
  }
}
`;
}

function peerRules(peer: string): string[] {
  const family = { 0: undefined, 4: "ip", 6: "ip6" }[isIP(peer) as 0 | 4 | 6];
  if (family === undefined) throw new Error(`peers = ${JSON.stringify(peer)} cannot be written: it is no IP address`);
  return ["tcp", "udp"].map((protocol) => `${family} saddr ${peer} ${protocol} dport ${MESH_PORT} accept`);
}

function port(value: number): number {
  if (!Number.isInteger(value) || value < 1 || value > 65_535) throw new Error(`sshPort = ${value} cannot be written: it is no port`);
  return value;
}
