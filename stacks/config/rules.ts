/** Rules across parts of the stack config. Each rule returns its problems; paths are those of `pulumi config set --path`. */
import type { Problem } from "../../services/core/protocol/errors.ts";
import { DOCKER_POOLS, FRONT_RANGE, isInRange, meshRange, OVERLAY_RANGE, rangesOverlap } from "../ranges.ts";
import { MAX_HOSTS } from "./capacity.ts";
import type { Host } from "./schema.ts";

/** A host and its place in the list, which may have gaps for refused hosts. */
export interface PlacedHost extends Host {
  index: number;
}

const OWN_RANGES: [string, string][] = [
  [OVERLAY_RANGE, `the fleet's own overlay networks use ${OVERLAY_RANGE}`],
  [FRONT_RANGE, `the balancers' bridges use ${FRONT_RANGE}`],
];
const BRIDGE_RANGES: [string, string][] = DOCKER_POOLS.map((range) => [range, `Docker's bridges use ${range}`]);

/** Ranges that a crawl must not reach, or cannot reach from a container, in addition to the fleet's own networks. */
const CLOSED_RANGES: [string, string][] = [
  ["0.0.0.0/8", "0.0.0.0 is the fetcher's own host"],
  ["127.0.0.0/8", "127.0.0.0/8 is the fetcher's own host"],
  ["169.254.0.0/16", "the hosts' firewall drops link-local addresses, where providers keep metadata"],
  ["::/127", "::1 is the fetcher's own host"],
  ["fe80::/10", "the hosts' firewall drops link-local addresses"],
  ["::ffff:0:0/96", "these are IPv4 addresses in another form: write the IPv4 range"],
];

const at = (index: number, key: string) => `hosts[${index}].${key}`;
/** The single mesh network; otherwise the config is refused. The first host's network comes first. */
const meshesOf = (hosts: readonly PlacedHost[]) => [...new Set(hosts.map(({ meshIp }) => meshRange(meshIp)))];

/** Names, addresses and the mesh: each is unique, and none is in a network with another use. */
export function hostProblems(hosts: readonly PlacedHost[]): Problem[] {
  const meshes = meshesOf(hosts);
  return [
    ...(["name", "address", "meshIp"] as const).flatMap((key) => repeated(hosts, key)),
    ...hosts.flatMap((host) => [...meshProblems(host, meshes), ...addressProblems(host, meshes)]),
  ];
}

/** At least one of each kind; checked only if every host in the list is valid. */
export function kindProblems(hosts: readonly PlacedHost[]): Problem[] {
  const add = (remedy: string): Problem => ({ path: "hosts", remedy });
  if (hosts.length === 1)
    return [add("a fleet needs two hosts: add one, so that one is data and one is worker; for one machine run ./orb start on it")];
  if (hosts.length > MAX_HOSTS) return [add(`a fleet has ${MAX_HOSTS} hosts at most: their addresses fill its overlay networks`)];
  const dataHosts = hosts.filter(({ role }) => role === "data");
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

/** Ranges that would give scripts access to the fleet's own networks, or to the hosts themselves. */
export function allowedRangeProblems(hosts: readonly PlacedHost[], ranges: readonly string[]): Problem[] {
  const closed = [...meshesOf(hosts).map((mesh) => [mesh, `the mesh uses ${mesh}`] as const), ...OWN_RANGES, ...CLOSED_RANGES];
  return ranges.flatMap((value, index) => {
    const reasons = closed.filter(([range]) => rangesOverlap(range, value)).map(([, reason]) => reason);
    if (reasons.length === 0) return [];
    return [{ path: `allowAddresses[${index}]`, value, remedy: `${reasons.join("; ")}: allow only the hosts that are to be crawled` }];
  });
}

function repeated(hosts: readonly PlacedHost[], key: "name" | "address" | "meshIp"): Problem[] {
  return hosts.flatMap((host, position) => {
    const first = hosts.slice(0, position).find((other) => other[key] === host[key]);
    return first ? [{ path: at(host.index, key), value: host[key], remedy: `hosts[${first.index}] has it: give each host its own` }] : [];
  });
}

function meshProblems({ index, meshIp }: PlacedHost, [first]: readonly string[]): Problem[] {
  const mesh = meshRange(meshIp);
  const problem = (remedy: string) => [{ path: at(index, "meshIp"), value: meshIp, remedy }];
  const taken = [...OWN_RANGES, ...BRIDGE_RANGES].find(([range]) => rangesOverlap(range, mesh));
  if (taken) return problem(`${taken[1]}: choose another, such as 10.77.0.${index + 1}`);
  return first === mesh ? [] : problem(`the mesh is one network, ${first} by its first host: choose an address there`);
}

/** Docker avoids a network that a host is already in; the fleet's own networks are the same everywhere. */
function addressProblems({ index, address }: PlacedHost, meshes: readonly string[]): Problem[] {
  const problem = (remedy: string) => [{ path: at(index, "address"), value: address, remedy }];
  const taken = OWN_RANGES.find(([range]) => isInRange(address, range));
  if (taken) return problem(`${taken[1]}: give the host an address in another network`);
  const mesh = meshes.find((range) => isInRange(address, range));
  return mesh === undefined ? [] : problem(`it is in the mesh, ${mesh}: choose another network for the meshIp of all hosts`);
}
