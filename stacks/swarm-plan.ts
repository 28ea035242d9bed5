/** Decides which host creates or leads the swarm, and which hosts manage it, from the hosts' facts. */
import type { Host } from "./config/schema.ts";

/** A node of the swarm, as a manager sees it. */
export interface SwarmNode {
  meshIp: string;
  /** When it joined, in seconds since 1970. */
  joinedAt: number;
  state: "ready" | "down" | "unknown" | "disconnected";
  /** Whether it manages the swarm and is reachable. */
  isReachableManager: boolean;
  /** The last deployment used its tokens and its nodes. */
  isLead: boolean;
  /** The installation of the host that joined: `HostFacts.machineId`. Empty until the fleet has labelled it. */
  identity: string;
}

/** The plan's input about a host that answered. */
export interface SwarmMember {
  /** The swarm's nodes; empty unless the host manages a swarm that has a quorum. */
  nodes: readonly SwarmNode[];
}

export interface SwarmPlan {
  /** The host that creates the swarm, or that provides its tokens and its nodes. */
  lead: Host;
  /** Hosts that manage the swarm: the data host and two more, or the data host alone in a fleet of two. */
  managers: Host[];
}

/** With fewer than three hosts, a second manager would only add a host whose loss stops the swarm. */
const MIN_HOSTS_FOR_QUORUM = 3;
const MANAGERS = 3;

/** The data host, and two others if there are three hosts or more: those that `isPresent` first. */
export function managersOf(hosts: readonly Host[], isPresent: (host: Host) => boolean = () => true): Host[] {
  const rank = (host: Host) => (host.role === "data" ? 0 : isPresent(host) ? 1 : 2);
  return [...hosts].sort((one, other) => rank(one) - rank(other)).slice(0, hosts.length < MIN_HOSTS_FOR_QUORUM ? 1 : MANAGERS);
}

/**
 * Decides which host leads and which hosts manage.
 *
 * The lead stays the same while it is a reachable manager and remains one: it demotes others, but never itself. Otherwise the lead is the reachable
 * manager that joined first, preferably one that stays a manager. Without a swarm it is the data host.
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
  if (!lead) throw new Error("unreachable: a stack config has at least one host");
  return { lead, managers };
}
