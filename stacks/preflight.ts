/** Asks every host whether it can be one of the fleet, before anything is declared: what is wrong with it is said at preview, not halfway through. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { BadInputError, type Problem } from "../services/core/errors.ts";
import type { FleetConfig, Host } from "./config.ts";
import { preflightCommand } from "./render/preflight-script.ts";
import { privateKeyFile, recordHostKeys, sshOptions } from "./ssh.ts";

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
  /**
   * By service, how often Swarm was told to renew it: a number in the service that a deployment has to hand back as it is, or all replicas are
   * renewed. Of managers of a fleet.
   */
  forcedRolls: ReadonlyMap<string, number>;
}

export interface Contact {
  /** Public keys by host name, such as `ssh-ed25519 AAAA…`. */
  hostKeys: ReadonlyMap<string, string>;
  /** Of the first manager that knows of services; empty if there is no fleet yet. */
  forcedRolls: ReadonlyMap<string, number>;
}

const ANSWER_SECONDS = 15;
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
 * Records the keys of hosts that are new, and asks every host what it is.
 *
 * @throws BadInputError naming every host that does not answer, does not let the operator in, or cannot be one of the fleet.
 */
export async function contactHosts(config: FleetConfig, knownHostsPath: string): Promise<Contact> {
  const { hosts, ssh } = config;
  const { keys, problems } = await recordHostKeys(
    hosts.map((host) => ({ ...host, port: ssh.port })),
    knownHostsPath,
  );
  const login = [...sshOptions(privateKeyFile(ssh), knownHostsPath), "-o", "LogLevel=ERROR", "-p", String(ssh.port)];
  const facts = await Promise.all(
    hosts.map(async (host, index) => {
      if (!keys.has(host.name)) return undefined;
      const answer = await askFacts([...login, `${ssh.user}@${host.address}`]);
      if (typeof answer === "string") problems.push({ path: addressPath(index), value: host.address, remedy: refusal(answer, config) });
      else problems.push(...hostProblems({ host, index }, answer));
      return answer;
    }),
  );
  if (problems.length > 0) throw new BadInputError("Some hosts cannot be in the fleet", problems);
  const known = facts.flatMap((answer) => (typeof answer === "object" && answer.forcedRolls.size > 0 ? [answer.forcedRolls] : []));
  return { hostKeys: keys, forcedRolls: known[0] ?? new Map() };
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
    forcedRolls: new Map(pairs("forcedRolls").map(([, service = "", count]) => [service, Number(count)])),
  };
}

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

const addressPath = (index: number) => `orbweaver:hosts[${index}].address`;

function refusal(said: string, { ssh }: FleetConfig): string {
  if (/Permission denied/.test(said))
    return `it does not let ${ssh.user} in with the key ${ssh.privateKeyPath}: add the public key to its authorized_keys, or correct orbweaver:ssh`;
  if (/HOST IDENTIFICATION|Host key verification/.test(said))
    return "its SSH key is not the one that was recorded at first contact: if the host was installed anew, remove its line from known_hosts in .orb/stacks; if not, somebody may be in between";
  return `SSH to it failed: ${said}`;
}

/** What the host printed, or why it could not be asked. */
async function askFacts(login: string[]): Promise<HostFacts | string> {
  const ask = promisify(execFile)("ssh", ["-o", `ConnectTimeout=${ANSWER_SECONDS}`, ...login, preflightCommand()], {
    timeout: 2_000 * ANSWER_SECONDS,
  });
  try {
    return parseFacts((await ask).stdout);
  } catch (error) {
    const { stderr = "", message } = error as { stderr?: string; message: string };
    return stderr.trim() || message;
  }
}
