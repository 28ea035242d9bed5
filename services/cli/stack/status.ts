/** `./orb status`: hosts, services and edges now, compared with the stack config; and what the projects do. */
import { EXIT } from "../exit-codes.ts";
import type { StackFlags } from "../stack-flags.ts";
import { print, say } from "../terminal.ts";
import { daysLeft } from "./certificate-state.ts";
import { askEdge } from "./edge-state.ts";
import { openFleet } from "./fleet-hosts.ts";
import { type FleetState, fleetState, ownContainers, problemsOf, recentEvents, statusText } from "./fleet-state.ts";
import { askHosts } from "./host-report.ts";
import { imagesText } from "./image-age.ts";
import { askProjects, projectsText } from "./projects-state.ts";

/** Prints the state of a fleet. Exits with 1 if there is a deviation or a failed check. */
export async function status(flags: StackFlags): Promise<number> {
  const fleet = await openFleet(flags);
  const [answers, edges, projects] = await Promise.all([
    askHosts(fleet, { say, withRecords: true }),
    Promise.all(fleet.config.hosts.filter(({ isEdge }) => isEdge).map((host) => askEdge(host, fleet.config.tls))),
    askProjects(fleet),
  ]);
  const state = fleetState(fleet.config, answers, edges, Date.now() / 1_000);
  const problems = problemsOf(state);
  const events = recentEvents(state);
  const { imagesOf } = fleet.config;
  const text = `${imagesText(imagesOf, Date.now())}\n${projectsText(projects)}${statusText(state, problems, events)}`;
  print(flags.json ? `${JSON.stringify({ imagesOf, ...toJson(state, problems, events), ...projects })}\n` : text);
  return problems.length === 0 ? EXIT.ok : EXIT.failed;
}

const toJson = ({ answers, services, edges, swarm, order, now }: FleetState, problems: string[], events: string[]) => ({
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
  edges: edges.map(({ goodUntil, ...edge }) => ({
    ...edge,
    ...(goodUntil === undefined ? {} : { certificate: { goodUntil, daysLeft: daysLeft(goodUntil, now) } }),
  })),
  ...(order === undefined ? {} : { certificateOrder: order }),
  events,
  problems,
});
