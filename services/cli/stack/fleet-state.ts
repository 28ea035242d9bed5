/** The state of a fleet, compared with its stack config. Pure. */
import type { FleetConfig, Host } from "../../../stacks/config.ts";
import { MAX_CLOCK_SKEW_SECONDS } from "../../../stacks/host-facts.ts";
import { DATA_SERVICES } from "../../../stacks/render/data-script.ts";
import { ROLES } from "../../../stacks/roles.ts";
import { managersOf } from "../../../stacks/swarm-plan.ts";
import { type EdgeState, edgeLine, edgeProblems, type OrderReport } from "./certificate-state.ts";
import type { ContainerReport, HostAnswer, SwarmReport, TaskReport } from "./host-report.ts";

export interface ServiceState {
  role: string;
  /** Replicas that run on hosts that are ready. */
  running: number;
  /** In the stack config. */
  wanted: number;
  /** The number that Swarm is set to; undefined if the service does not exist. */
  declared?: number;
  /** Of Swarm: `updating`, `completed`, `paused`, `rollback_completed` …; empty if it was never updated. */
  update: string;
}

export interface FleetState {
  config: Pick<FleetConfig, "hosts" | "replicas" | "tls">;
  answers: HostAnswer[];
  /** From the first manager that answers; undefined if no manager answers. */
  swarm?: SwarmReport;
  services: ServiceState[];
  edges: EdgeState[];
  /** About the certificate, from the first edge host that answers and has it. */
  order?: OrderReport;
  /** Unix time in seconds. */
  now: number;
}

const FULL_PERCENT = 85;
const RECENT_SECONDS = 600;

/** @param now Unix time in seconds. */
export function fleetState(config: FleetState["config"], answers: HostAnswer[], edges: EdgeState[], now: number): FleetState {
  const swarm = answers.map(({ report }) => report?.swarm).find((known) => known !== undefined);
  const order = answers.map(({ report }) => report?.order).find((known) => known !== undefined);
  const services = swarm ? servicesOf(config, swarm) : [];
  return { config, answers, services, edges, now, ...(swarm ? { swarm } : {}), ...(order ? { order } : {}) };
}

function servicesOf({ replicas }: FleetState["config"], { services, tasks, nodes }: SwarmReport): ServiceState[] {
  const ready = new Set(nodes.filter(({ state }) => state === "ready").map(({ id }) => id));
  const isRunning = ({ desired, state, node }: TaskReport) => desired === "running" && state === "running" && ready.has(node);
  return ROLES.map((role) => {
    const service = services.find(({ name }) => name === role);
    const running = tasks.filter((task) => task.service === service?.id && isRunning(task)).length;
    return { role, running, wanted: replicas[role], update: service?.update ?? "", ...(service ? { declared: service.replicas } : {}) };
  });
}

/** Containers, beside the services, that a host of this kind has. */
export const expectedContainers = ({ role, isEdge }: Pick<Host, "role" | "isEdge">): string[] =>
  (role === "data" ? DATA_SERVICES : ["balancer", ...(isEdge ? ["edge"] : [])]).map((name) => `orbweaver-${name}`);

/** Deviations from the config and failed checks, one sentence each. The fleet is healthy only if the list is empty. */
export function problemsOf(state: FleetState): string[] {
  return [
    ...state.answers.flatMap((answer) => hostProblems(answer, state.config.hosts)),
    ...swarmProblems(state),
    ...state.services.flatMap(serviceProblems),
    ...edgeProblems(state.config.tls, { edges: state.edges, order: state.order, now: state.now }),
  ];
}

function hostProblems({ host, report, notAsked }: HostAnswer, hosts: readonly Host[]): string[] {
  const { name } = host;
  if (report === undefined) return [`${name} could not be checked: ${notAsked}`];
  const { clockSkewSeconds: skew } = report;
  const peerOf = (meshIp: string) => hosts.find((peer) => peer.meshIp === meshIp)?.name ?? meshIp;
  return [
    ...(report.noDocker === undefined
      ? expectedContainers(host).flatMap((container) => containerProblems(name, container, report.containers))
      : [`${name}: its containers could not be checked: Docker does not answer: ${report.noDocker}`]),
    ...report.records.drifts.map(({ what }) => `${name}: ${what}; ./orb up repairs it`),
    ...report.records.unknown.map(({ what }) => `${name}: not checked: ${what}`),
    ...report.unreached.map((meshIp) => `${name} does not reach ${peerOf(meshIp)} through the mesh`),
    ...report.disks
      .filter(({ usedPercent }) => usedPercent > FULL_PERCENT)
      .map(({ path, usedPercent }) => `${name}: the disk of ${path} is ${usedPercent} % full`),
    ...(Math.abs(skew) > MAX_CLOCK_SKEW_SECONDS
      ? [`${name}: its clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} this machine's`]
      : []),
  ];
}

/** `running (healthy)` */
export const containerText = ({ status, health }: Pick<ContainerReport, "status" | "health">) => `${status}${health && ` (${health})`}`;

function containerProblems(host: string, name: string, containers: readonly ContainerReport[]): string[] {
  const container = containers.find((one) => one.name === name);
  if (container === undefined) return [`${name} on ${host} is missing; ./orb up creates it`];
  return container.status === "running" && container.health === "healthy" ? [] : [`${name} on ${host}: ${containerText(container)}`];
}

function swarmProblems({ config: { hosts }, answers, swarm }: FleetState): string[] {
  if (swarm === undefined) {
    const said = answers.flatMap(({ host, report }) => (report?.noQuorum === undefined ? [] : [`${host.name} says: ${report.noQuorum}`]));
    return [`the swarm and its services could not be checked: no manager answers${said.length > 0 ? `; ${said.join("; ")}` : ""}`];
  }
  const nodeOf = ({ meshIp }: Host) =>
    swarm.nodes.find(({ address, managerAddress }) => address === meshIp || managerAddress.startsWith(`${meshIp}:`));
  const managers = managersOf(hosts);
  const reachable = managers.filter((host) => nodeOf(host)?.reachability === "reachable").length;
  return [
    ...hosts.flatMap((host) => {
      const node = nodeOf(host);
      if (node === undefined) return [`${host.name} is not in the swarm; ./orb up adds it`];
      if (node.state !== "ready") return [`${host.name} is ${node.state} in the swarm`];
      if (node.availability !== "active") return [`${host.name} takes no replicas: its availability in the swarm is ${node.availability}`];
      return managers.includes(host) && node.managerAddress === "" ? [`${host.name} should be a manager of the swarm and is not`] : [];
    }),
    ...(reachable < managers.length
      ? [
          `${reachable} of ${managers.length} managers of the swarm can be reached; ${Math.floor(managers.length / 2) + 1} are needed for a change`,
        ]
      : []),
  ];
}

function serviceProblems({ role, running, wanted, declared, update }: ServiceState): string[] {
  if (declared === undefined) return wanted > 0 ? [`${role}: the service is missing; ./orb up creates it`] : [];
  return [
    ...(declared === wanted
      ? []
      : [`${role}: Swarm is set to ${declared} replicas, and the stack config says ${wanted}; ./orb up sets it`]),
    ...(running === wanted ? [] : [`${role}: ${running} of ${wanted} replicas run; see ./orb logs ${role}`]),
    ...(/paused|rollback/.test(update) ? [`${role}: its last update ended in ${update}`] : []),
  ];
}

/** Failed replicas, containers restarted by Docker and containers killed for memory, of the last 10 minutes. */
export function recentEvents({ answers, swarm }: FleetState): string[] {
  return [...answers.flatMap(containerEvents), ...(swarm ? taskEvents(swarm, answers) : [])];
}

function containerEvents({ host, report }: HostAnswer): string[] {
  if (report === undefined) return [];
  const isRecent = (time: string) => Date.parse(time) / 1_000 > report.clock - RECENT_SECONDS;
  return report.containers.flatMap(({ name, isOomKilled, finished, started, restarts }) => [
    ...(isOomKilled && isRecent(finished) ? [`${name} on ${host.name} was killed: it used more memory than its limit`] : []),
    ...(restarts > 0 && isRecent(started)
      ? [`${name} on ${host.name} was restarted by Docker (${restarts} times since it was created)`]
      : []),
  ]);
}

function taskEvents({ services, tasks }: SwarmReport, answers: readonly HostAnswer[]): string[] {
  const clock = answers.find(({ report }) => report?.swarm !== undefined)?.report?.clock ?? 0;
  const failed = tasks.filter(
    ({ state, time }) => ["failed", "rejected", "orphaned"].includes(state) && Date.parse(time) / 1_000 > clock - RECENT_SECONDS,
  );
  return services.flatMap(({ id, name }) => {
    const own = failed.filter(({ service }) => service === id).toSorted((one, other) => one.time.localeCompare(other.time));
    const last = own.at(-1);
    return last === undefined
      ? []
      : [`${name}: ${own.length} ${own.length === 1 ? "replica" : "replicas"} failed${last.error ? `, the last with: ${last.error}` : ""}`];
  });
}

/** For people. */
export function statusText(state: FleetState, problems: readonly string[], events: readonly string[]): string {
  const list = (heading: string, items: readonly string[]) => (items.length > 0 ? [heading, ...items.map((item) => `  ${item}`)] : []);
  const lines = [
    ...state.answers.map(
      ({ host, report }) =>
        `host     ${host.name.padEnd(14)} ${host.address.padEnd(16)} ${report === undefined ? "could not be checked" : "answers SSH"}`,
    ),
    ...state.answers.flatMap(({ host, report }) => ownContainers(report?.containers ?? []).map((one) => containerLine(host.name, one))),
    ...state.services.map(serviceLine),
    ...state.edges.map((edge) => `edge     ${edgeLine(edge, state.now)}`),
    ...list("in the last 10 minutes:", events),
    ...(problems.length === 0 ? ["all is well"] : list("problems:", problems)),
  ];
  return `${lines.join("\n")}\n`;
}

/** Containers that are no replica of a service. */
export const ownContainers = (containers: readonly ContainerReport[]) => containers.filter(({ name }) => name.startsWith("orbweaver-"));

const containerLine = (host: string, container: ContainerReport) =>
  `         ${host.padEnd(14)} ${container.name.padEnd(20)} ${containerText(container)}`;

const serviceLine = ({ role, running, wanted, update }: ServiceState) =>
  `service  ${role.padEnd(14)} ${running}/${wanted} replicas${update && update !== "completed" ? `, ${update}` : ""}`;
