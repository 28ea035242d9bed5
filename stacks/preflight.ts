/** Asks every host whether it can be one of the fleet, before anything is declared: what is wrong with it is said at preview, not halfway through. */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { BadInputError, type Problem } from "../services/core/errors.ts";
import type { FleetConfig, Host } from "./config.ts";
import { readHostKeys, writeHostKeys } from "./host-keys.ts";
import { preflightCommand } from "./render/preflight-script.ts";
import type { ServiceFacts } from "./service-declaration.ts";
import { firstContactOptions, sshDestination, sshOptions } from "./ssh.ts";

/** What a host says of itself. */
export interface HostFacts {
  user: number;
  /** `debian` */
  system: string;
  systemVersion: number;
  systemName: string;
  processor: string;
  hasSystemd: boolean;
  hasTun: boolean;
  memoryMiB: number;
  /** Of a host where no swarm runs yet. */
  freeDiskMiB?: number;
  /** Programs by the TCP port that they listen on; of a host where no swarm runs yet. */
  listeners: ReadonlyMap<number, string>;
  /** Names this installation of the host: a hash of its machine-id(5). */
  machineId: string;
  /** The roles' services by name; of managers of a fleet. */
  services: ReadonlyMap<string, ServiceFacts>;
}

export interface Contact {
  /** Public keys by host name, such as `ssh-ed25519 AAAA…`. */
  hostKeys: ReadonlyMap<string, string>;
  /** By host name. */
  facts: ReadonlyMap<string, HostFacts>;
}

/** For the connection with its attempts, and the answer. */
const ANSWER_SECONDS = 60;
const OLDEST_DEBIAN = 12;
/** In mebibytes: below, Docker and one role do not fit. */
const LEAST_MEMORY_MIB = 900;
/** What the kernel keeps of a plan's memory for itself. */
const KERNEL_SHARE = 0.15;
/** Debian's packages, and every image twice: packed in transit, and unpacked. */
const LEAST_DISK_MIB = 6_000;
/** Ports that containers of the fleet and the swarm bind, by what would be in their way. */
const PORTS_OF: Record<Host["role"], number[]> = {
  data: [2_377, 5_001, 5_432, 6_379, 7_946],
  worker: [2_377, 5_000, 7_946, 8_404, 24_444, 25_555],
};
const EDGE_PORTS = [80, 443];

/**
 * Asks every host what it is. Keys of hosts that are met for the first time are recorded in `knownHostsPath`.
 *
 * @throws BadInputError naming every host that does not answer, does not let the operator in, or cannot be one of the fleet.
 */
export async function contactHosts(config: FleetConfig, knownHostsPath: string): Promise<Contact> {
  const recorded = readHostKeys(knownHostsPath);
  const keyOf = ({ name }: Host) => config.hostKeys[name] ?? recorded.get(name);
  const answers = await Promise.all(config.hosts.map((host) => askHost(host, keyOf(host))));
  const hostKeys = new Map(answers.flatMap(({ host, key }) => (key === undefined ? [] : [[host.name, key] as const])));
  writeHostKeys(knownHostsPath, new Map([...recorded, ...hostKeys]));
  const problems = answers.flatMap(({ host, answer }, index) =>
    typeof answer === "string"
      ? [{ path: `orbweaver:hosts[${index}].address`, value: host.address, remedy: refusal(answer, host) }]
      : hostProblems({ host, index }, answer),
  );
  if (problems.length > 0) throw new BadInputError("Some hosts cannot be in the fleet", problems);
  const facts = new Map(answers.flatMap(({ host, answer }) => (typeof answer === "string" ? [] : [[host.name, answer] as const])));
  return { hostKeys, facts };
}

/** Lines of `<name> <value>`; what is no such line is left out. */
export function parseFacts(text: string): HostFacts {
  const lines = text.split("\n").map((line) => line.trim().split(" "));
  const value = (name: string) => lines.find(([key]) => key === name)?.slice(1) ?? [];
  const pairs = (name: string) => lines.filter(([key, , second]) => key === name && second !== undefined);
  const disk = value("freeDiskMiB")[0];
  return {
    user: Number(value("user")[0] ?? -1),
    system: value("system")[0] ?? "",
    systemVersion: Number(value("system")[1] ?? 0),
    systemName: value("systemName").join(" "),
    processor: value("processor")[0] ?? "",
    hasSystemd: value("systemd")[0] === "yes",
    hasTun: value("tun")[0] === "yes",
    memoryMiB: Number(value("memoryMiB")[0] ?? 0),
    ...(disk === undefined ? {} : { freeDiskMiB: Number(disk) }),
    listeners: new Map(pairs("listens").map(([, port, program = ""]) => [Number(port), program])),
    machineId: value("machineId")[0] ?? "",
    services: new Map(lines.filter(([key]) => key === "service").map((words) => toService(words))),
  };
}

/** `service webui 3 57 0f3c…  completed` */
const toService = ([, name = "", forcedRolls, version, declared = "", updateState = ""]: string[]): [string, ServiceFacts] => [
  name,
  { forcedRolls: Number(forcedRolls), version: Number(version), declared: withoutDash(declared), updateState: withoutDash(updateState) },
];

const withoutDash = (word: string) => (word === "-" ? "" : word);

/** Why a host cannot be what the stack config says of it. */
export function hostProblems({ host, index }: { host: Host; index: number }, facts: HostFacts): Problem[] {
  const problems: Problem[] = [];
  const add = (key: string, value: unknown, remedy: string) => problems.push({ path: `orbweaver:hosts[${index}].${key}`, value, remedy });
  const of = (remedy: string) => add("name", host.name, remedy);
  if (facts.user !== 0) of("the SSH user is not root there: set orbweaver:ssh.user to root");
  if (facts.system !== "debian" || facts.systemVersion < OLDEST_DEBIAN)
    of(`it runs ${facts.systemName}: Debian ${OLDEST_DEBIAN} or newer is needed`);
  if (!["x86_64", "aarch64"].includes(facts.processor)) of(`it has a ${facts.processor} processor: x86_64 or aarch64 is needed`);
  if (!facts.hasSystemd) of("it does not run systemd: take a virtual machine with Debian's own init");
  if (!facts.hasTun) of("it has no /dev/net/tun: ask its provider to switch TUN/TAP on");
  if (facts.memoryMiB < LEAST_MEMORY_MIB) of(`it has ${facts.memoryMiB} MiB of memory: ${LEAST_MEMORY_MIB} MiB are the least`);
  else if (facts.memoryMiB < host.memoryMiB * (1 - KERNEL_SHARE))
    add("memory", `${host.memoryMiB}MiB`, `the host has ${facts.memoryMiB} MiB: write what its plan has`);
  if (facts.freeDiskMiB !== undefined && facts.freeDiskMiB < LEAST_DISK_MIB)
    of(`it has ${facts.freeDiskMiB} MiB of free disk: packages and images need ${LEAST_DISK_MIB} MiB`);
  for (const port of [...PORTS_OF[host.role], ...(host.isEdge ? EDGE_PORTS : [])]) {
    const program = facts.listeners.get(port);
    if (program !== undefined) of(`${program} listens on its port ${port}, which the fleet needs: stop and disable it there`);
  }
  return problems;
}

function refusal(said: string, { name, ssh: { user, privateKeyPath = "the agent's keys" } }: Host): string {
  if (/Permission denied/.test(said))
    return `it does not let ${user} in with ${privateKeyPath}: add the public key to its authorized_keys, or correct orbweaver:ssh`;
  if (/HOST IDENTIFICATION|Host key verification|No ED25519 host key is known/i.test(said))
    return `its SSH key is not the one that was recorded: if the host was installed again, run ./orb host trust ${name}; if not, this is a possible man-in-the-middle attack`;
  return `SSH to it failed: ${said}`;
}

interface Answer {
  host: Host;
  /** The host's public key, if it is known now. */
  key: string | undefined;
  /** What the host says of itself, or why it could not be asked. */
  answer: HostFacts | string;
}

/** Asks one host; a host without a known key is asked for its key at the same time. */
async function askHost(host: Host, known: string | undefined): Promise<Answer> {
  if (known !== undefined) return { host, key: known, answer: await askFacts([...sshOptions(host, known), sshDestination(host)]) };
  const folder = await mkdtemp(join(tmpdir(), "orbweaver-keys-"));
  try {
    const file = join(folder, "known_hosts");
    const answer = await askFacts([...firstContactOptions(host, file), sshDestination(host)]);
    return { host, key: readHostKeys(file).get(host.name), answer };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function askFacts(login: string[]): Promise<HostFacts | string> {
  const ask = promisify(execFile)("ssh", [...login, preflightCommand()], { timeout: 1_000 * ANSWER_SECONDS });
  try {
    return parseFacts((await ask).stdout);
  } catch (error) {
    const { stderr = "", code } = error as { stderr?: string; code?: string };
    if (code === "ENOENT")
      throw new Error("The program ssh is missing on this machine. Install an OpenSSH client: apt-get install openssh-client", {
        cause: error,
      });
    return stderr.trim() || `no answer within ${ANSWER_SECONDS} s`;
  }
}
