/** The hosts' reports about themselves, for `./orb status` and `./orb drift`. */
import type { Host } from "../../../stacks/config.ts";
import { type HostRecords, parseRecords } from "../../../stacks/host-records.ts";
import { hostReportScript } from "../../../stacks/render/host-report-script.ts";
import type { OrderReport } from "./certificate-state.ts";
import { type Fleet, runOn } from "./fleet-hosts.ts";

export interface ContainerReport {
  id: string;
  name: string;
  /** Of Docker: `running`, `exited`, `paused` … */
  status: string;
  /** `healthy`, `unhealthy`, `starting`; empty without a health check. */
  health: string;
  isOomKilled: boolean;
  /** ISO 8601. */
  started: string;
  finished: string;
  /** By its restart policy, since it was created. */
  restarts: number;
  /** In bytes. */
  memory: number;
  memorySwap: number;
  /** `always`, `no` … */
  restart: string;
  /** Names. */
  networks: string[];
}

export interface NodeReport {
  id: string;
  address: string;
  /** `ready`, `down` … */
  state: string;
  /** `active`, `pause`, `drain` */
  availability: string;
  /** `<address>:<port>`; empty if it is no manager. */
  managerAddress: string;
  /** `reachable`, `unreachable`; empty if it is no manager. */
  reachability: string;
}

export interface ServiceReport {
  id: string;
  name: string;
  /** That Swarm is set to. */
  replicas: number;
  /** `updating`, `completed`, `paused`, `rollback_completed` …; empty if it was never updated. */
  update: string;
}

export interface TaskReport {
  /** Ids. */
  service: string;
  node: string;
  /** `running`, `shutdown` … */
  desired: string;
  state: string;
  /** ISO 8601; when it came into that state. */
  time: string;
  error?: string;
}

/** A manager's view of the swarm. */
export interface SwarmReport {
  nodes: NodeReport[];
  services: ServiceReport[];
  tasks: TaskReport[];
  /** Ids. */
  secrets: string[];
}

export interface HostReport {
  records: HostRecords;
  /** Unix time of the host, in seconds. */
  clock: number;
  /** How far it is ahead of this machine. */
  clockSkewSeconds: number;
  disks: { path: string; usedPercent: number }[];
  /** Mesh addresses of hosts that it cannot reach. */
  unreached: string[];
  containers: ContainerReport[];
  /** Ids. */
  networks: string[];
  /** Of a manager. */
  swarm?: SwarmReport;
  /** Of an edge host in a fleet with a domain. */
  order?: OrderReport;
  /** Docker's error if it does not answer. */
  noDocker?: string;
  /** The manager's error if the swarm does not answer. */
  noQuorum?: string;
}

/** A host and its report, or the reason why the report is missing. */
export interface HostAnswer {
  host: Host;
  report?: HostReport;
  notAsked?: string;
}

export interface Asking {
  /** Called with the hosts that have not answered after 2 s. */
  say: (line: string) => void;
  /** Also compares the hosts with their records. */
  withRecords: boolean;
}

/** Requests the reports of all hosts concurrently. */
export async function askHosts(fleet: Fleet, { say, withRecords }: Asking): Promise<HostAnswer[]> {
  const waiting = new Set(fleet.config.hosts.map(({ name }) => name));
  let said = "";
  const timer = setInterval(() => {
    const line = `waiting for ${[...waiting].join(", ")}`;
    if (line !== said) say(line);
    said = line;
  }, SAY_EVERY_MS);
  try {
    return await Promise.all(
      fleet.config.hosts.map(async (host) => askHost(fleet, host, withRecords).finally(() => waiting.delete(host.name))),
    );
  } finally {
    clearInterval(timer);
  }
}

const SAY_EVERY_MS = 2_000;

async function askHost(fleet: Fleet, host: Host, withRecords: boolean): Promise<HostAnswer> {
  const peers = fleet.config.hosts.filter(({ name }) => name !== host.name).map(({ meshIp }) => meshIp);
  const { code, stdout, stderr } = await runOn(fleet, host, hostReportScript({ peers, withRecords }));
  if (/^clock \d+$/m.test(stdout)) return { host, report: parseHostReport(stdout, Date.now() / 1_000) };
  const message = stderr.trim().split("\n").at(-1) || `exit code ${code}`;
  // 255 is ssh's own failure.
  return { host, notAsked: code === 255 ? `it does not answer SSH at ${host.address}: ${message}` : message };
}

/**
 * Reads the lines of `hostReportScript`; ignores other lines.
 *
 * @param now Unix time of this machine, in seconds.
 */
export function parseHostReport(text: string, now: number): HostReport {
  const lines = text.split("\n").map((line) => /^(\w+) (.*)$/.exec(line) ?? []);
  const all = (kind: string) => lines.flatMap(([, key, rest]) => (key === kind && rest ? [rest] : []));
  const objects = <T>(kind: string) => all(kind).map((json) => JSON.parse(json) as T);
  const [clock = String(now)] = all("clock");
  const [noDocker] = all("noDocker");
  const [noQuorum] = all("noQuorum");
  const [order] = objects<OrderReport>("certificateOrder");
  return {
    records: parseRecords(text),
    clock: Number(clock),
    clockSkewSeconds: Math.round(Number(clock) - now),
    disks: all("disk").map((line) => ({ path: line.split(" ")[0] ?? "", usedPercent: Number(line.split(" ")[1]) })),
    unreached: all("unreached"),
    containers: objects<ContainerLine>("container").map(toContainer),
    networks: all("network"),
    ...(noDocker === undefined ? {} : { noDocker }),
    ...(order === undefined ? {} : { order }),
    ...(noQuorum === undefined ? {} : { noQuorum }),
    ...(all("manager").length === 0
      ? {}
      : { swarm: { nodes: objects("node"), services: objects("service"), tasks: objects("task"), secrets: all("secret") } }),
  };
}

type ContainerLine = Omit<ContainerReport, "networks"> & { networks: Record<string, unknown> | null };

const toContainer = ({ networks, name, ...rest }: ContainerLine): ContainerReport => ({
  ...rest,
  name: name.replace(/^\//, ""),
  networks: Object.keys(networks ?? {}).sort(),
});
