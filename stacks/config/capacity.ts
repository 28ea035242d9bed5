/** How many replicas a fleet can have, whatever its memory: addresses of an overlay network, sessions of Postgres, places in the balancer. */
import type { Problem } from "../../services/core/errors.ts";
import { OVERLAY_PREFIX_LENGTH } from "../ranges.ts";
import { MAX_DATABASE_SESSIONS } from "../render/postgres.ts";
import { HTTP_GROUPS, NETWORKS, type Network, ROLES, type Role, SERVER_SLOTS } from "../roles.ts";

/** What matters here of a host. */
interface RoleHost {
  role: "data" | "worker";
}

/** Network, broadcast and gateway are no replica's. */
const NETWORK_ADDRESSES = 2 ** (32 - OVERLAY_PREFIX_LENGTH) - 3;
/** On the overlay network of the balancers each worker host has two addresses; what is left is for replicas, one of each role at least. */
export const MAX_HOSTS = 120;
/** Of each replica; test/unit/stacks/config/capacity.test.ts holds it equal to services/core/store. */
export const SESSIONS_PER_REPLICA = 4;
/** Postgres keeps 3 for superusers; migrations take 4, and `psql` one. */
const OTHER_SESSIONS = 8;
const MAX_SCHEDULERS = 3;
/** Of one role in an update; for each, a new replica is there before an old one leaves. */
const MOST_AT_ONCE = 4;

/**
 * How many replicas of a role an update replaces at once: one a worker host, which has room for one more, and half of them at most, so that a
 * version that fails is seen before all are tried.
 */
export const replacedAtOnce = (replicas: number, workers: number): number =>
  Math.max(1, Math.min(workers, Math.floor(replicas / 2), MOST_AT_ONCE));

/** How many worker hosts there are. */
export const workersOf = (hosts: readonly RoleHost[]): number => hosts.filter(({ role }) => role === "worker").length;

/** The most replicas that one role can have by itself, and why. */
export function maxReplicas(role: Role): { replicas: number; reason: string } {
  if (role === "scheduler") return { replicas: MAX_SCHEDULERS, reason: "one scheduler acts, the others stand by" };
  if ((HTTP_GROUPS as readonly Role[]).includes(role))
    return {
      replicas: SERVER_SLOTS - MOST_AT_ONCE,
      reason: `the balancer has ${SERVER_SLOTS} places, and an update takes up to ${MOST_AT_ONCE} of them`,
    };
  return { replicas: NETWORK_ADDRESSES - MOST_AT_ONCE, reason: `an overlay network has ${NETWORK_ADDRESSES} addresses` };
}

/** Something that replicas of some roles share, and that is full. */
export interface Shortage {
  roles: Role[];
  problem: Problem;
}

/** What replicas of several roles share, and what they need too much of. */
export function shortages(hosts: readonly RoleHost[], replicas: Record<Role, number>): Shortage[] {
  const rolesIn = (network: Network) => ROLES.filter((role) => replicas[role] > 0 && NETWORKS[role].includes(network));
  const workers = workersOf(hosts);
  const needOf = (roles: readonly Role[]) => roles.reduce((sum, role) => sum + replicas[role] + replacedAtOnce(replicas[role], workers), 0);
  const networks = [...new Set(ROLES.flatMap((role) => NETWORKS[role]))];
  const addresses = networks.map((network) => {
    const need = needOf(rolesIn(network)) + otherAddresses(network, hosts);
    return { roles: rolesIn(network), need, have: NETWORK_ADDRESSES, what: `addresses in the overlay network ${network}` };
  });
  const stored = rolesIn("store");
  const sessions = { need: needOf(stored) * SESSIONS_PER_REPLICA, have: MAX_DATABASE_SESSIONS - OTHER_SESSIONS };
  return [...addresses, { roles: stored, ...sessions, what: "Postgres sessions" }]
    .filter(({ need, have }) => need > have)
    .map(({ roles, need, have, what }) => {
      const remedy = `${roles.join(", ")} with what an update adds need ${need} ${what}, and there are ${have}: write fewer replicas`;
      return { roles, problem: { path: "replicas", remedy } };
    });
}

/** Each host has one address of its own in a network; on `web` are the balancers, on the others one data service and what migrates the database. */
const otherAddresses = (network: Network, hosts: readonly RoleHost[]) => hosts.length + (network === "web" ? workersOf(hosts) : 2);
