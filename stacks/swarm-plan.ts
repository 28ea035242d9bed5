/** Which host makes or leads the swarm, and which hosts manage it, from what the hosts say. */
import type { Host } from "./config/schema.ts";

/** A node of the swarm, as a manager sees it. */
export interface SwarmNode {
  meshIp: string;
  /** When it joined, in seconds since 1970. */
  joinedAt: number;
  state: "ready" | "down" | "unknown" | "disconnected";
  /** Whether it manages the swarm and is reachable. */
  isReachableManager: boolean;
  /** The last deployment had its tokens and its nodes from it. */
  isLead: boolean;
  /** The installation of the host that joined: `HostFacts.machineId`. Empty until the fleet has labelled it. */
  identity: string;
}

/** What the plan needs to know of a host that answered. */
export interface SwarmMember {
  /** The swarm's nodes; empty unless the host manages a swarm that has a quorum. */
  nodes: readonly SwarmNode[];
}

export interface SwarmPlan {
  /** Where the swarm is made, or where its tokens and its nodes are asked for. */
  lead: Host;
  /** Hosts that manage the swarm: the data host and two more, or the data host alone in a fleet of two. */
  managers: Host[];
}

/** With less than three hosts, a second manager would only add a host whose loss stops the swarm. */
const MIN_HOSTS_FOR_QUORUM = 3;
const MANAGERS = 3;

/** The data host, and two others where there are three hosts or more: those that `isPresent` first. */
export function managersOf(hosts: readonly Host[], isPresent: (host: Host) => boolean = () => true): Host[] {
  const rank = (host: Host) => (host.role === "data" ? 0 : isPresent(host) ? 1 : 2);
  return [...hosts].sort((one, other) => rank(one) - rank(other)).slice(0, hosts.length < MIN_HOSTS_FOR_QUORUM ? 1 : MANAGERS);
}

/**
 * Decides who leads and who manages.
 *
 * The lead stays what it was, while it is a reachable manager and is to be one: it demotes others, but never itself. Else it is the reachable manager
 * that joined first, of those that stay managers if there is one. Without a swarm it is the data host.
 *
 * @param members by host name; hosts that did not answer are left out.
 */
export function planSwarm(hosts: readonly Host[], members: ReadonlyMap<string, SwarmMember>): SwarmPlan {
  const managers = managersOf(hosts, ({ name }) => members.has(name));
  const nodes = [...members.values()].map((member) => member.nodes).find(({ length }) => length > 0) ?? [];
  const candidates = hosts.flatMap((host) => {
    const manages = (members.get(host.name)?.nodes.length ?? 0) > 0;
    const node = nodes.find(({ meshIp, isReachableManager }) => meshIp === host.meshIp && isReachableManager);
    return manages && node !== undefined ? [{ host, ...node, leaves: !managers.includes(host) }] : [];
  });
  const [first] = candidates.sort(
    (one, other) => Number(one.leaves) - Number(other.leaves) || Number(other.isLead) - Number(one.isLead) || one.joinedAt - other.joinedAt,
  );
  const lead = first?.host ?? managers[0];
  if (!lead) throw new Error("A stack config without a host does not get here");
  return { lead, managers };
}
