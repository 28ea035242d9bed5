/** How many replicas a fleet has of the roles of which the stack config says nothing. */
import { GROUPS, type Group, ROLES, type Role } from "../roles.ts";
import { maxReplicas, shortages, workersOf } from "./capacity.ts";
import type { Container } from "./defaults.ts";
import { shareProblems } from "./memory.ts";
import type { PlacedHost } from "./rules.ts";

interface Given {
  /** What the stack config says; it stays. */
  written: Partial<Record<Role, number>>;
  limits: Record<Container, number>;
}

/**
 * All replicas of the fleet: those that are written, and for each other role what the hosts have room for, up to what pyspider's public demo had
 * on each of its worker hosts; of processors, which use the most CPU, one more than a host has cores. A default never makes a config refused
 * that fits with less.
 */
export function replicasOf(hosts: readonly PlacedHost[], { written, limits }: Given): Record<Role, number> {
  const free = GROUPS.filter((group) => written[group] === undefined);
  const replicas = { ...wantedReplicas(hosts), ...written };
  fitMemory(hosts, { replicas, limits, free });
  fitCapacity(hosts, { replicas, free });
  return replicas;
}

function wantedReplicas(hosts: readonly PlacedHost[]): Record<Role, number> {
  const workers = hosts.filter(({ role }) => role === "worker");
  const wanted = {
    renderer: 2 * workers.length,
    fetcher: workers.length,
    processor: workers.reduce((sum, { cores }) => sum + cores + 1, 0),
    "result-worker": workers.length,
    webui: 4 * workers.length,
    // One acts, one stands by.
    scheduler: 2,
  };
  return Object.fromEntries(ROLES.map((role) => [role, Math.min(wanted[role], maxReplicas(role).replicas)])) as Record<Role, number>;
}

/** Takes one replica a host from the group that has most, until all fit. */
function fitMemory(
  hosts: readonly PlacedHost[],
  { replicas, limits, free }: { replicas: Record<Role, number>; limits: Record<Container, number>; free: Group[] },
): void {
  const workers = workersOf(hosts);
  const share = (group: Group) => Math.ceil(replicas[group] / workers);
  while (shareProblems(hosts, { replicas, limits }).length > 0) {
    const largest = largestOf(free, share);
    if (largest === undefined) return;
    replicas[largest] = (share(largest) - 1) * workers;
  }
}

/** Takes one replica from the group that has most of those that share what is short, until there is enough. */
function fitCapacity(hosts: readonly PlacedHost[], { replicas, free }: { replicas: Record<Role, number>; free: Group[] }): void {
  for (let [shortage] = shortages(hosts, replicas); shortage; [shortage] = shortages(hosts, replicas)) {
    const { roles } = shortage;
    const largest = largestOf(
      free.filter((group) => roles.includes(group)),
      (group) => replicas[group],
    );
    if (largest === undefined) return;
    replicas[largest] -= 1;
  }
}

/** Of those that have more than one. */
const largestOf = (groups: readonly Group[], sizeOf: (group: Group) => number): Group | undefined =>
  groups.filter((group) => sizeOf(group) > 1).toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
