/** `./orb status`: hosts, services and edges as they are now, held against the stack config. */
import type { Host } from "../../../stacks/config.ts";
import { edgeUrl } from "../../../stacks/edge-url.ts";
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { openFleet } from "./fleet-hosts.ts";
import { type EdgeState, type FleetState, fleetState, ownContainers, problemsOf, recentEvents, statusText } from "./fleet-state.ts";
import { askHosts } from "./host-report.ts";

const EDGE_SECONDS = 5;

/** Prints the state of a fleet. Exits with 1 unless all of it is as wanted and all of it could be asked. */
export async function status(flags: StackFlags): Promise<number> {
  const fleet = await openFleet(flags);
  const [answers, edges] = await Promise.all([
    askHosts(fleet, { say: (line) => process.stderr.write(`${line}\n`), withRecords: true }),
    Promise.all(fleet.config.hosts.filter(({ isEdge }) => isEdge).map(edgeState)),
  ]);
  const state = fleetState(fleet.config, answers, edges);
  const problems = problemsOf(state);
  const events = recentEvents(state);
  process.stdout.write(flags.json ? `${JSON.stringify(toJson(state, problems, events))}\n` : statusText(state, problems, events));
  return problems.length === 0 ? EXIT.ok : EXIT.failed;
}

const toJson = ({ answers, services, edges, swarm }: FleetState, problems: string[], events: string[]) => ({
  hosts: answers.map(({ host, report }) => ({
    name: host.name,
    address: host.address,
    answersSsh: report !== undefined,
    containers: Object.fromEntries(
      ownContainers(report?.containers ?? []).map(({ name, status: state, health }) => [name, { state, health }]),
    ),
  })),
  nodes: swarm?.nodes ?? [],
  services,
  edges,
  events,
  problems,
});

/** By its address: a domain may lead elsewhere. */
async function edgeState({ address }: Host): Promise<EdgeState> {
  const url = edgeUrl(address);
  const signal = AbortSignal.timeout(EDGE_SECONDS * 1_000);
  const answer = await fetch(`${url}/login`, { signal, redirect: "manual" }).catch(() => undefined);
  return { url, status: answer?.status ?? 0 };
}
