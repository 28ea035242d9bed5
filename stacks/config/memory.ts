/** Compares limits and reservations with the memory of the hosts. */
import type { Problem } from "../../services/core/protocol/errors.ts";
import { GROUPS, type Group, type Role } from "../roles.ts";
import { type Container, RESERVATIONS_MIB } from "./defaults.ts";
import type { PlacedHost } from "./rules.ts";
import { formatMiB } from "./size.ts";

/** The ratio of pyspider's public demo, 1.44, with some margin: above it, hosts run out of memory before containers reach their limits. */
const MAX_OVERCOMMIT = 1.5;
/** The part of a plan's memory that the kernel may keep for itself. Swarm places replicas in the rest. */
export const KERNEL_SHARE = 0.15;

export interface Demand {
  replicas: Record<Role, number>;
  limits: Record<Container, number>;
}

const WORKER_CONTAINERS: Container[] = [...GROUPS, "balancer", "edge", "scheduler"];
const DATA_CONTAINERS: Container[] = ["postgres", "redis", "registry", "scheduler"];

/** All problems; limits above a host's whole memory are reported alone, because sums follow from them. */
export function memoryProblems(hosts: readonly PlacedHost[], demand: Demand): Problem[] {
  const tooLarge = limitProblems(hosts, demand.limits);
  if (tooLarge.length > 0) return tooLarge;
  return [
    ...hosts.filter(({ role }) => role === "data").flatMap((host) => dataProblems(host, demand.limits)),
    ...shareProblems(hosts, demand),
  ];
}

/** Loads that exceed the worker hosts, each with its share of the replicas. */
export function shareProblems(hosts: readonly PlacedHost[], demand: Demand): Problem[] {
  const workers = hosts.filter(({ role }) => role === "worker");
  return workers.flatMap((host) => workerProblems(host, { ...demand, workers: workers.length }));
}

function limitProblems(hosts: readonly PlacedHost[], limits: Record<Container, number>): Problem[] {
  return (Object.keys(limits) as Container[]).flatMap((container) => {
    const able = hosts.filter(({ role }) => (role === "data" ? DATA_CONTAINERS : WORKER_CONTAINERS).includes(container));
    const small = able.find(({ memoryMiB }) => limits[container] > memoryMiB);
    if (small === undefined) return [];
    const remedy = `${small.name} has ${formatMiB(small.memoryMiB)}: write less, or take a larger host`;
    return [{ path: `limits.${container}`, value: formatMiB(limits[container]), remedy }];
  });
}

function dataProblems({ name, index, memoryMiB }: PlacedHost, limits: Record<Container, number>): Problem[] {
  const sum = DATA_CONTAINERS.reduce((total, container) => total + limits[container], 0);
  return overcommit(sum, { index, memoryMiB, what: `the limits of ${DATA_CONTAINERS.join(", ")} on ${name}` });
}

function workerProblems({ name, index, memoryMiB }: PlacedHost, { replicas, limits, workers }: Demand & { workers: number }): Problem[] {
  const share = (group: Group) => Math.ceil(replicas[group] / workers);
  const sumOf = (sizes: Record<Group, number>) => GROUPS.reduce((total, group) => total + share(group) * sizes[group], 0);
  // A standby scheduler takes little more than its reservation, so only the active one counts.
  const reserved = sumOf(RESERVATIONS_MIB) + RESERVATIONS_MIB.scheduler;
  const extra = Math.max(...GROUPS.map((group) => RESERVATIONS_MIB[group]));
  const fronts = limits.balancer + limits.edge;
  const room = Math.min(Math.floor(memoryMiB * (1 - KERNEL_SHARE)), memoryMiB - fronts);
  if (reserved + extra > room) {
    const remedy = `the share of ${name} reserves ${reserved} MiB, and ${extra} more for one more replica in an update, where ${room} MiB are free for it: fewer replicas, more hosts or a larger one`;
    return [{ path: `hosts[${index}].memory`, value: formatMiB(memoryMiB), remedy }];
  }
  return overcommit(sumOf(limits) + fronts, { index, memoryMiB, what: `the limits of all containers on ${name}` });
}

function overcommit(sum: number, { index, memoryMiB, what }: { index: number; memoryMiB: number; what: string }): Problem[] {
  if (sum <= MAX_OVERCOMMIT * memoryMiB) return [];
  const remedy = `${what} add up to ${sum} MiB, more than ${MAX_OVERCOMMIT} times its memory: lower limits or replicas, more hosts or a larger one`;
  return [{ path: `hosts[${index}].memory`, value: formatMiB(memoryMiB), remedy }];
}
