/** What the parts of the stack config must be together. Each rule returns its problems; paths are those of `pulumi config set --path`. */
import type { Problem } from "../../services/core/errors.ts";
import { GROUPS, type Group, type Role } from "../roles.ts";
import { type Container, RESERVATIONS_MIB } from "./defaults.ts";
import type { Host } from "./schema.ts";
import { formatMiB } from "./size.ts";

/** A host and its place in the list, which may have gaps where another host was refused. */
export interface PlacedHost extends Host {
  index: number;
}

/** What pyspider's public demo had, 1.44, and some air: above, hosts run out of memory before containers reach their limits. */
const MOST_OVERCOMMIT = 1.5;
/** Overlay networks of the swarm (stacks/render/swarm-script.ts) and bridges of Docker. */
const TAKEN_RANGES: [RegExp, string][] = [
  [/^10\.201\./, "the fleet's own overlay networks use 10.201.0.0/16"],
  [/^172\.(1[7-9]|2\d|3[01])\./, "Docker's bridges use 172.17.0.0/12"],
];

const at = (index: number, key: string) => `hosts[${index}].${key}`;

/** Names, addresses and the mesh: each once, and none in a network that something else has. */
export function hostProblems(hosts: readonly PlacedHost[]): Problem[] {
  return [
    ...(["name", "address", "meshIp"] as const).flatMap((key) => repeated(hosts, key)),
    ...hosts.flatMap((host) => meshProblems(host, hosts)),
  ];
}

/** At least one of each kind; asked only when every host in the list could be read. */
export function kindProblems(hosts: readonly PlacedHost[]): Problem[] {
  const dataHosts = hosts.filter(({ role }) => role === "data");
  const add = (remedy: string): Problem => ({ path: "hosts", remedy });
  return [
    ...(dataHosts.length === 0 ? [add("no host has the role data: give it to one, for Postgres, Redis and the registry")] : []),
    ...dataHosts.slice(1).map(({ index }) => ({ path: at(index, "role"), value: "data", remedy: "there is one data host: write worker" })),
    ...(hosts.some(({ role }) => role === "worker") ? [] : [add("no host has the role worker: give it to one at least")]),
    ...(hosts.some(({ isEdge }) => isEdge)
      ? []
      : [add("no host is the edge: write edge: true for one at least, so that the web UI can be reached")]),
    ...hosts
      .filter(({ isEdge, role }) => isEdge && role === "data")
      .map(({ index }) => ({ path: at(index, "edge"), value: true, remedy: "the data host is not public: make a worker the edge" })),
  ];
}

/** Limits and reservations against the memory of the hosts. */
export function memoryProblems(
  hosts: readonly PlacedHost[],
  { replicas, limits }: { replicas: Record<Role, number>; limits: Record<Container, number> },
): Problem[] {
  const tooLarge = limitProblems(hosts, limits);
  if (tooLarge.length > 0) return tooLarge;
  const workers = hosts.filter(({ role }) => role === "worker").length;
  return hosts.flatMap((host) => (host.role === "data" ? dataProblems(host, limits) : workerProblems(host, { replicas, limits, workers })));
}

function repeated(hosts: readonly PlacedHost[], key: "name" | "address" | "meshIp"): Problem[] {
  return hosts.flatMap((host, position) => {
    const first = hosts.slice(0, position).find((other) => other[key] === host[key]);
    return first ? [{ path: at(host.index, key), value: host[key], remedy: `hosts[${first.index}] has it: give each host its own` }] : [];
  });
}

function meshProblems({ index, meshIp }: PlacedHost, hosts: readonly PlacedHost[]): Problem[] {
  const problem = (remedy: string) => [{ path: at(index, "meshIp"), value: meshIp, remedy }];
  const owner = hosts.find(({ address }) => address === meshIp);
  if (owner) return problem(`it is the public address of ${owner.name}: choose one for the mesh alone, such as 10.77.0.${index + 1}`);
  const taken = TAKEN_RANGES.find(([range]) => range.test(meshIp));
  if (taken) return problem(`${taken[1]}: choose another, such as 10.77.0.${index + 1}`);
  const first = hosts[0]?.meshIp ?? meshIp;
  return networkOf(first) === networkOf(meshIp)
    ? []
    : problem(`the mesh is one network, ${meshRange(first)} by its first host: choose an address there`);
}

const networkOf = (address: string) => address.slice(0, address.lastIndexOf("."));

/** The network of all mesh addresses: `"10.77.0.1"` -> `"10.77.0.0/24"`. */
export const meshRange = (meshIp: string): string => `${networkOf(meshIp)}.0/24`;

const WORKER_CONTAINERS: Container[] = [...GROUPS, "balancer", "edge", "scheduler"];
const DATA_CONTAINERS: Container[] = ["postgres", "redis", "registry", "scheduler"];

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
  return overcommit({ sum, memoryMiB }, { path: at(index, "memory"), what: `the limits of ${DATA_CONTAINERS.join(", ")} on ${name}` });
}

function workerProblems(
  { name, index, memoryMiB }: PlacedHost,
  { replicas, limits, workers }: { replicas: Record<Role, number>; limits: Record<Container, number>; workers: number },
): Problem[] {
  const share = (group: Group) => Math.ceil(replicas[group] / workers);
  const sumOf = (sizes: Record<Group, number>) => GROUPS.reduce((total, group) => total + share(group) * sizes[group], 0);
  const path = at(index, "memory");
  // A standby scheduler hardly takes more than its reservation, so that only this one counts.
  const reserved = sumOf(RESERVATIONS_MIB) + RESERVATIONS_MIB.scheduler + limits.balancer + limits.edge;
  const extra = Math.max(...GROUPS.map((group) => RESERVATIONS_MIB[group]));
  if (reserved + extra > memoryMiB) {
    const remedy = `the share of ${name} reserves ${reserved} MiB, and ${extra} more for one more replica in an update: fewer replicas, more hosts or a larger one`;
    return [{ path, value: formatMiB(memoryMiB), remedy }];
  }
  const sum = sumOf(limits) + limits.balancer + limits.edge;
  return overcommit({ sum, memoryMiB }, { path, what: `the limits of all containers on ${name}` });
}

function overcommit({ sum, memoryMiB }: { sum: number; memoryMiB: number }, { path, what }: { path: string; what: string }): Problem[] {
  if (sum <= MOST_OVERCOMMIT * memoryMiB) return [];
  const remedy = `${what} add up to ${sum} MiB, more than ${MOST_OVERCOMMIT} times its memory: lower limits or replicas, more hosts or a larger one`;
  return [{ path, value: formatMiB(memoryMiB), remedy }];
}
