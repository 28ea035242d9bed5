/** The maximum number of replicas of a fleet, apart from memory: addresses of an overlay network, sessions of Postgres, server slots of the balancer. */
import type { Problem } from "../../services/core/protocol/errors.ts";
import { OVERLAY_PREFIX_LENGTH } from "../ranges.ts";
import { HTTP_GROUPS, NETWORKS, type Network, ROLES, type Role, SERVER_SLOTS } from "../roles.ts";

/** The relevant part of a host. */
interface RoleHost {
  role: "data" | "worker";
}

/** Network, broadcast and gateway are not available to replicas. */
const NETWORK_ADDRESSES = 2 ** (32 - OVERLAY_PREFIX_LENGTH) - 3;
/** On the overlay network of the balancers each worker host has two addresses; the rest is for replicas, at least one of each role. */
export const MAX_HOSTS = 120;
/** Per replica; test/unit/stacks/config/capacity.test.ts keeps it equal to services/core/store. */
export const SESSIONS_PER_REPLICA = 4;
/** Postgres' `max_connections`. */
export const MAX_DATABASE_SESSIONS = 200;
/** Postgres keeps 3 for superusers; migrations take 4, and `psql` one. */
export const OTHER_SESSIONS = 8;
export const MAX_SCHEDULERS = 3;
/** Of one role in an update; for each, a new replica starts before an old one stops. */
const MAX_AT_ONCE = 4;

/**
 * How many replicas of a role an update replaces at once: one per worker host, which has room for one more, and at most half of them, so that
 * a failing version is detected before it replaces all.
 */
export const replacedAtOnce = (replicas: number, workers: number): number =>
  Math.max(1, Math.min(workers, Math.floor(replicas / 2), MAX_AT_ONCE));

/** How many worker hosts there are. */
export const workersOf = (hosts: readonly RoleHost[]): number => hosts.filter(({ role }) => role === "worker").length;

/** The maximum replicas of one role by itself, and the reason. */
export function maxReplicas(role: Role): { replicas: number; reason: string } {
  if (role === "scheduler") return { replicas: MAX_SCHEDULERS, reason: "one scheduler is active, the others are standbys" };
  if ((HTTP_GROUPS as readonly Role[]).includes(role))
    return {
      replicas: SERVER_SLOTS - MAX_AT_ONCE,
      reason: `the balancer has ${SERVER_SLOTS} places, and an update takes up to ${MAX_AT_ONCE} of them`,
    };
  return { replicas: NETWORK_ADDRESSES - MAX_AT_ONCE, reason: `an overlay network has ${NETWORK_ADDRESSES} addresses` };
}

/** A resource that replicas of some roles share and have used up. */
export interface Shortage {
  roles: Role[];
  problem: Problem;
}

/** A resource that replicas of several roles share, and their excess. */
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

/** Each host has one address in a network; on `web` are the balancers, on the others one data service and the migration container. */
const otherAddresses = (network: Network, hosts: readonly RoleHost[]) => hosts.length + (network === "web" ? workersOf(hosts) : 2);
