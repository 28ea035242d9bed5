/** The hosts' facts about themselves, and which of them prevent a host from joining the fleet. */
import ipaddr from "ipaddr.js";
import type { Problem } from "../services/core/protocol/errors.ts";
import { KERNEL_SHARE } from "./config/memory.ts";
import type { Host } from "./config.ts";
import { type HostRecords, parseRecords } from "./host-records.ts";
import { MESH_INTERFACE } from "./mesh.ts";
import { FRONT_RANGE, meshRange, OVERLAY_RANGE, rangesOverlap } from "./ranges.ts";
import { SWARM_PORTS } from "./render/swarm-ports.ts";
import type { ServiceFacts } from "./service-declaration.ts";
import { settingName } from "./setting-names.ts";
import type { SwarmNode } from "./swarm-plan.ts";

/** The answers of a host to `preflightScript`. */
export interface HostFacts {
  /** 0 also for a user who may become root without a password. */
  user: number;
  /** Who logged in. */
  login: string;
  /** `debian` */
  system: string;
  systemVersion: number;
  systemName: string;
  /** As in `uname -m`. */
  processor: string;
  /** The id of this installation of the host: a hash of its machine-id(5). */
  machineId: string;
  /** How far its clock is ahead of this machine's. */
  clockSkewSeconds: number;
  hasSystemd: boolean;
  hasTun: boolean;
  memoryMiB: number;
  /** Only for a host without a swarm. */
  freeDiskMiB?: number;
  /** Active firewalls besides ours: `ufw`. */
  firewalls: readonly string[];
  /** Networks that it reaches without its default route. */
  routes: readonly { range: string; device: string }[];
  /** Of Docker's engine, if it runs: `26.1.5`. */
  dockerVersion?: string;
  /** Bootstrap has run on it. */
  isMember: boolean;
  /** Only for a host that is not a member: names of its containers, and whether it is in a swarm. */
  foreignContainers: readonly string[];
  isInForeignSwarm: boolean;
  /** Programs by the TCP port that they listen on; only for a host without a swarm. */
  listeners: ReadonlyMap<number, string>;
  /** The swarm's nodes; only from managers of a fleet, while the swarm has a quorum. */
  nodes: readonly SwarmNode[];
  /** The roles' services by name; only from managers of a fleet. */
  services: ReadonlyMap<string, ServiceFacts>;
  records: HostRecords;
}

const OLDEST_DEBIAN = 12;
/** The first version with all features that the fleet's containers use; Debian 12's. */
const OLDEST_DOCKER = [20, 10] as const;
/** In mebibytes: with less, Docker and one role do not fit. */
const MIN_MEMORY_MIB = 900;
/** Debian's packages, and every image twice: packed in transit, and unpacked. */
const MIN_DISK_MIB = 6_000;
/** With a larger difference, package lists and certificates may be refused, and leases may be wrong. */
export const MAX_CLOCK_SKEW_SECONDS = 60;
/** Ports that containers of the fleet and the swarm bind, by the program that would conflict. */
const PORTS_OF: Record<Host["role"], number[]> = {
  data: [SWARM_PORTS.management, 5_001, 5_432, 6_379, SWARM_PORTS.gossip],
  worker: [SWARM_PORTS.management, 5_000, SWARM_PORTS.gossip, 8_404, 24_444, 25_555],
};
const EDGE_PORTS = [80, 443];
const SWITCH_OFF: Record<string, string> = { ufw: "ufw disable", firewalld: "systemctl disable --now firewalld" };
/** Only on a member: of the mesh and of Docker. */
const OWN_DEVICES = new RegExp(`^(${MESH_INTERFACE}|docker0|docker_gwbridge|br-.*|veth.*)$`);

/**
 * Parses lines of `<name> <value>`; ignores other lines.
 *
 * @param answeredAt when the host answered, in seconds since 1970 by this machine's clock.
 */
export function parseFacts(text: string, answeredAt: number): HostFacts {
  const lines = text.split("\n").map((line) => line.trim().split(" "));
  const all = (name: string) => lines.filter(([key]) => key === name).map(([, ...rest]) => rest);
  const value = (name: string) => all(name)[0] ?? [];
  const pairs = (name: string) => all(name).filter(([, second]) => second !== undefined);
  const [disk] = value("freeDiskMiB");
  const [dockerVersion] = value("docker");
  return {
    user: Number(value("user")[0] ?? -1),
    login: value("login")[0] ?? "",
    system: value("system")[0] ?? "",
    systemVersion: Number(value("system")[1] ?? 0),
    systemName: value("systemName").join(" "),
    processor: value("processor")[0] ?? "",
    machineId: value("machineId")[0] ?? "",
    clockSkewSeconds: Math.round(Number(value("clock")[0] ?? answeredAt) - answeredAt),
    hasSystemd: value("systemd")[0] === "yes",
    hasTun: value("tun")[0] === "yes",
    memoryMiB: Number(value("memoryMiB")[0] ?? 0),
    ...(disk === undefined ? {} : { freeDiskMiB: Number(disk) }),
    firewalls: all("firewall").map(([name = ""]) => name),
    routes: pairs("route").flatMap(([range = "", device = ""]) => (ipaddr.IPv4.isValidCIDR(range) ? [{ range, device }] : [])),
    ...(dockerVersion === undefined ? {} : { dockerVersion }),
    isMember: value("member")[0] === "yes",
    foreignContainers: all("foreignContainer").map(([name = ""]) => name),
    isInForeignSwarm: value("foreignSwarm")[0] === "yes",
    listeners: new Map(pairs("listens").map(([port, program = ""]) => [Number(port), program])),
    nodes: all("node").map(toNode),
    services: new Map(all("service").map((words) => toService(words))),
    records: parseRecords(text),
  };
}

/** `q1w2e3 10.77.0.2:2377 1795902033 ready reachable 0f3c… lead` */
const toNode = ([, address = "", joinedAt, state = "", role = "", identity = "", lead = ""]: string[]): SwarmNode => ({
  meshIp: address.replace(/:\d+$/, ""),
  joinedAt: Number(joinedAt),
  state: state as SwarmNode["state"],
  isReachableManager: role === "reachable",
  identity: withoutDash(identity),
  isLead: lead === "lead",
});

/** `webui 3 57 0f3c…  completed` */
const toService = ([name = "", forcedRolls, version, declared = "", updateState = ""]: string[]): [string, ServiceFacts] => [
  name,
  { forcedRolls: Number(forcedRolls), version: Number(version), declared: withoutDash(declared), updateState: withoutDash(updateState) },
];

const withoutDash = (word: string) => (word === "-" ? "" : word);

/** A host and its place in the stack config. */
export interface ConfiguredHost {
  host: Host;
  index: number;
}

/** Why a host cannot have its part of the stack config. */
export function hostProblems(placed: ConfiguredHost, facts: HostFacts): Problem[] {
  const of = (remedy: string) => problemOf(placed, "name", placed.host.name, remedy);
  return [
    ...systemRemedies(facts).map(of),
    ...memoryProblems(placed, facts),
    ...dockerRemedies(facts).map(of),
    ...networkProblems(placed, facts),
    ...portRemedies(placed, facts).map(of),
  ];
}

/**
 * Reasons why the hosts cannot form one fleet.
 *
 * @param members hosts that answered, in the order of the stack config.
 */
export function fleetProblems(members: readonly (ConfiguredHost & { facts: HostFacts })[]): Problem[] {
  const data = members.find(({ host }) => host.role === "data");
  return members.flatMap((member, position) => {
    const { host, facts } = member;
    const twin = members.slice(0, position).find((other) => facts.machineId !== "" && other.facts.machineId === facts.machineId);
    const add = (remedy: string) => [problemOf(member, "name", host.name, remedy)];
    return [
      ...(data && data.facts.processor !== facts.processor ? add(mixedProcessors(facts, data)) : []),
      ...(twin ? add(`it is the same machine as ${twin.host.name}, or a copy of it: in a copy, remove /etc/machine-id and reboot`) : []),
    ];
  });
}

const mixedProcessors = ({ processor }: HostFacts, data: { host: Host; facts: HostFacts }) =>
  `it has ${processor} processors and ${data.host.name} has ${data.facts.processor}: images are built for one type, so take hosts of the same`;

const problemOf = ({ index }: ConfiguredHost, key: string, value: unknown, remedy: string): Problem => ({
  path: settingName(`hosts[${index}].${key}`),
  value,
  remedy,
});

function systemRemedies(facts: HostFacts): string[] {
  const { login, clockSkewSeconds: skew } = facts;
  const checks: [boolean, string][] = [
    [
      facts.user !== 0,
      `the user ${login} may not become root there without a password: install sudo and write "${login} ALL=(ALL) NOPASSWD: ALL" into /etc/sudoers.d/orbweaver, or set the SSH user to root`,
    ],
    [
      facts.system !== "debian" || facts.systemVersion < OLDEST_DEBIAN,
      `it runs ${facts.systemName}: Debian ${OLDEST_DEBIAN} or newer is needed`,
    ],
    [!["x86_64", "aarch64"].includes(facts.processor), `it has a ${facts.processor} processor: x86_64 or aarch64 is needed`],
    [!facts.hasSystemd, "it does not run systemd: take a virtual machine with Debian's own init"],
    [!facts.hasTun, "it has no /dev/net/tun: ask its provider to switch TUN/TAP on"],
    [
      Math.abs(skew) > MAX_CLOCK_SKEW_SECONDS,
      `its clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} this machine's: correct the one that is wrong, for example with "timedatectl set-ntp true"`,
    ],
    ...facts.firewalls.map((name): [boolean, string] => [
      true,
      `${name} is active there and would drop what the hosts send each other: run "${SWITCH_OFF[name]}" there, the fleet brings a firewall of its own`,
    ]),
  ];
  return checks.flatMap(([isWrong, remedy]) => (isWrong ? [remedy] : []));
}

function memoryProblems(placed: ConfiguredHost, { memoryMiB, freeDiskMiB }: HostFacts): Problem[] {
  const { host } = placed;
  const of = (remedy: string) => problemOf(placed, "name", host.name, remedy);
  const problems: Problem[] = [];
  if (memoryMiB < MIN_MEMORY_MIB) problems.push(of(`it has ${memoryMiB} MiB of memory: at least ${MIN_MEMORY_MIB} MiB are needed`));
  else if (memoryMiB < host.memoryMiB * (1 - KERNEL_SHARE))
    problems.push(problemOf(placed, "memory", `${host.memoryMiB}MiB`, `the host has ${memoryMiB} MiB: write what its plan has`));
  if (freeDiskMiB !== undefined && freeDiskMiB < MIN_DISK_MIB)
    problems.push(of(`it has ${freeDiskMiB} MiB of free disk for / or /var/lib/docker: packages and images need ${MIN_DISK_MIB} MiB`));
  return problems;
}

function dockerRemedies({ dockerVersion, foreignContainers, isInForeignSwarm }: HostFacts): string[] {
  const remedies: string[] = [];
  if (dockerVersion !== undefined && isOlder(dockerVersion, OLDEST_DOCKER))
    remedies.push(
      `its Docker is ${dockerVersion}: update it to ${OLDEST_DOCKER.join(".")} or newer, or remove it; Debian's own is installed then`,
    );
  if (isInForeignSwarm)
    remedies.push(`it belongs to another swarm: run "docker swarm leave --force" there if that swarm is no longer needed`);
  if (foreignContainers.length > 0)
    remedies.push(
      `its Docker has containers that are not of this fleet (${shortList(foreignContainers)}), and the fleet needs a Docker of its own: take another host, or remove them with "docker rm --force"`,
    );
  return remedies;
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [itsMajor = 0, itsMinor = 0] = version.split(".").map(Number);
  return itsMajor < major || (itsMajor === major && itsMinor < minor);
}

const shortList = (names: readonly string[]) => `${names.slice(0, 3).join(", ")}${names.length > 3 ? " and others" : ""}`;

/** A network that the host reaches otherwise, under addresses that the fleet assigns. */
function networkProblems(placed: ConfiguredHost, { routes, isMember }: HostFacts): Problem[] {
  const { name, meshIp } = placed.host;
  return routes.flatMap(({ range, device }) => {
    if (isMember && OWN_DEVICES.test(device)) return [];
    const route = `it reaches ${range} by ${device}`;
    if (rangesOverlap(range, meshRange(meshIp)))
      return [problemOf(placed, "meshIp", meshIp, `${route}: give all hosts mesh addresses of another range, such as 10.78.0.0/24`)];
    const taken = [OVERLAY_RANGE, FRONT_RANGE].find((own) => rangesOverlap(range, own));
    return taken
      ? [problemOf(placed, "name", name, `${route}, and the fleet's containers have ${taken}: take it out of that network`)]
      : [];
  });
}

function portRemedies({ host }: ConfiguredHost, { listeners, isMember }: HostFacts): string[] {
  return [...PORTS_OF[host.role], ...(host.isEdge ? EDGE_PORTS : [])].flatMap((port) => {
    const program = listeners.get(port);
    // Docker may keep a port of a swarm that it has left, and uses it again for the next.
    if (isMember && program === "dockerd") return [];
    return program === undefined
      ? []
      : [`${program} listens on its port ${port}, which the fleet needs: stop and disable this program there`];
  });
}
