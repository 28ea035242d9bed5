/** `./orb status`: hosts, services and edges as they are now. */
import type { Host } from "../../../stacks/config.ts";
import { edgeUrl } from "../../../stacks/edge-url.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { type Fleet, openFleet, runOn, runOnManager } from "./fleet-hosts.ts";

export interface HostState {
  name: string;
  address: string;
  answersSsh: boolean;
  /** Of the containers that are no swarm service: name to Docker's status, such as `Up 2 minutes (healthy)`. */
  containers: Record<string, string>;
}

export interface ServiceState {
  role: string;
  running: number;
  wanted: number;
  /** Of Swarm: `updating`, `completed`, `paused`, `rollback_completed` …; empty if it was never updated. */
  update: string;
}

export interface EdgeState {
  url: string;
  /** HTTP status of its health path; 0 if it does not answer. */
  status: number;
}

export interface FleetState {
  hosts: HostState[];
  services: ServiceState[];
  edges: EdgeState[];
}

const CONTAINERS = `docker ps --all --filter name=^orbweaver- --format '{{.Names}}\t{{.Status}}'`;
const SERVICES = `for service in $(docker service ls --format '{{.Name}}'); do
  docker service ls --filter "name=$service" --format '{{.Name}}\t{{.Replicas}}' | grep "^$service\t" | tr '\\n' '\t'
  docker service inspect "$service" --format '{{if .UpdateStatus}}{{.UpdateStatus.State}}{{end}}'
done`;
const EDGE_SECONDS = 5;

/** Prints the state of a fleet. Exits with 1 unless all of it is as wanted. */
export async function status(flags: StackFlags): Promise<number> {
  const fleet = await openFleet(flags);
  const [hosts, services, edges] = await Promise.all([
    Promise.all(fleet.config.hosts.map((host) => hostState(fleet, host))),
    runOnManager(fleet, SERVICES).then(({ stdout }) => parseServices(stdout)),
    Promise.all(fleet.config.hosts.filter(({ isEdge }) => isEdge).map(edgeState)),
  ]);
  const state: FleetState = { hosts, services, edges };
  const problems = problemsOf(state);
  process.stdout.write(flags.json ? `${JSON.stringify({ ...state, problems })}\n` : statusText(state, problems));
  return problems.length === 0 ? EXIT.ok : EXIT.failed;
}

/** Lines of `name<TAB>running/wanted<TAB>update state`. */
export function parseServices(text: string): ServiceState[] {
  const lines = text.split("\n").filter((line) => line.includes("\t"));
  return lines.map((line) => {
    const [role = "", replicas = "", update = ""] = line.split("\t");
    const [running = 0, wanted = 0] = replicas.split("/").map((part) => Number.parseInt(part, 10));
    return { role, running, wanted, update: update.trim() };
  });
}

/** What is not as wanted, one sentence each. */
export function problemsOf({ hosts, services, edges }: FleetState): string[] {
  const containers = hosts.flatMap(({ name, containers: states }) =>
    Object.entries(states).map(([container, state]) => ({ name, container, state })),
  );
  return [
    ...hosts.filter(({ answersSsh }) => !answersSsh).map(({ name, address }) => `${name} does not answer SSH at ${address}`),
    ...containers
      .filter(({ state }) => !/^Up .*\(healthy\)/.test(state))
      .map(({ name, container, state }) => `${container} on ${name}: ${state}`),
    ...services
      .filter(({ running, wanted }) => running !== wanted)
      .map(({ role, running, wanted }) => `${role}: ${running} of ${wanted} replicas run; see ./orb logs ${role}`),
    ...services
      .filter(({ update }) => /paused|rollback/.test(update))
      .map(({ role, update }) => `${role}: its last update ended in ${update}`),
    ...edges
      .filter(({ status: code }) => code !== 200)
      .map(({ url, status: code }) => `${url} ${code === 0 ? "does not answer" : `answers ${code}`}`),
  ];
}

/** For people. */
export function statusText({ hosts, services, edges }: FleetState, problems: string[]): string {
  const lines = [
    ...hosts.map(
      ({ name, address, answersSsh }) =>
        `host     ${name.padEnd(14)} ${address.padEnd(16)} ${answersSsh ? "answers SSH" : "does not answer SSH"}`,
    ),
    ...hosts.flatMap(({ name, containers }) =>
      Object.entries(containers).map(([container, state]) => `         ${name.padEnd(14)} ${container.padEnd(20)} ${state}`),
    ),
    ...services.map(
      ({ role, running, wanted, update }) =>
        `service  ${role.padEnd(14)} ${running}/${wanted} replicas${update && update !== "completed" ? `, ${update}` : ""}`,
    ),
    ...edges.map(({ url, status: code }) => `edge     ${url} ${code === 0 ? "does not answer" : code}`),
    problems.length === 0 ? "all is well" : `not as it should be:\n${problems.map((problem) => `  ${problem}`).join("\n")}`,
  ];
  return `${lines.join("\n")}\n`;
}

async function hostState(fleet: Fleet, host: Host): Promise<HostState> {
  const { code, stdout } = await runOn(fleet, host, CONTAINERS);
  const lines = stdout.split("\n").filter(Boolean);
  return {
    name: host.name,
    address: host.address,
    // 255 is ssh's own failure.
    answersSsh: code !== 255 && code !== null,
    containers: Object.fromEntries(lines.map((line) => line.split("\t") as [string, string])),
  };
}

/** By its address: a domain may lead elsewhere. */
async function edgeState({ address }: Host): Promise<EdgeState> {
  const url = edgeUrl(address);
  const signal = AbortSignal.timeout(EDGE_SECONDS * 1_000);
  const answer = await fetch(`${url}/login`, { signal, redirect: "manual" }).catch(() => undefined);
  return { url, status: answer?.status ?? 0 };
}
