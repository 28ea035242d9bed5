/** The replicas of roles that the stack config does not set. */
import { GROUPS, type Group, ROLES, type Role } from "../roles.ts";
import { maxReplicas, shortages, workersOf } from "./capacity.ts";
import type { Container } from "./defaults.ts";
import { shareProblems } from "./memory.ts";
import type { PlacedHost } from "./rules.ts";

interface Given {
  /** The numbers in the stack config, which stay. */
  written: Partial<Record<Role, number>>;
  limits: Record<Container, number>;
}

/**
 * All replicas of the fleet: the configured ones, and for each other role as many as the hosts have room for, up to the number on each worker
 * host of pyspider's public demo. Processors use the most CPU, so they have one more than a host has cores. A default never makes a valid config
 * invalid.
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
    // One active scheduler and one standby.
    scheduler: 2,
  };
  return Object.fromEntries(ROLES.map((role) => [role, Math.min(wanted[role], maxReplicas(role).replicas)])) as Record<Role, number>;
}

/** Removes one replica per host from the largest group until all fit. */
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

/** Removes one replica from the largest group that uses the exhausted resource until there is enough. */
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

/** Of groups with more than one replica. */
const largestOf = (groups: readonly Group[], sizeOf: (group: Group) => number): Group | undefined =>
  groups.filter((group) => sizeOf(group) > 1).toSorted((a, b) => sizeOf(b) - sizeOf(a))[0];
