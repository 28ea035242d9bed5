/** What the projects of a fleet do, for `./orb status`. */
import type { Health, HealthState } from "../../webui/health.ts";
import { getFromEdge } from "./edge-request.ts";
import type { Fleet } from "./fleet-hosts.ts";

type ProjectState = Pick<Health, "state" | "reason">;
/** By name, or why they are not known. */
export type ProjectsState = { projects: Record<string, ProjectState> } | { projectsNotAsked: string };

/** Asks the first edge host that answers. */
export async function askProjects(fleet: Fleet): Promise<ProjectsState> {
  const failures: string[] = [];
  for (const host of fleet.config.hosts.filter(({ isEdge }) => isEdge)) {
    try {
      return { projects: readSummary(await getFromEdge(fleet, host, "/api/v1/summary")) };
    } catch (error) {
      failures.push(`${host.name}: ${(error as Error).message}`);
    }
  }
  return { projectsNotAsked: failures.join("; ") };
}

function readSummary(body: string): Record<string, ProjectState> {
  const summary = JSON.parse(body) as Record<string, { health: Health }>;
  return Object.fromEntries(Object.entries(summary).map(([name, { health }]) => [name, { state: health.state, reason: health.reason }]));
}

const WORDS: Record<HealthState, string> = { runs: "running", waits: "waiting", ended: "ended", stopped: "stopped" };
const MAX_LISTED = 20;

/** A line with the numbers, and one for each project in which a person has to act. */
export function projectsText(state: ProjectsState): string {
  if ("projectsNotAsked" in state) return `projects could not be read: ${state.projectsNotAsked}\n`;
  const byState = Object.groupBy(Object.entries(state.projects), ([, project]) => project.state);
  const counts = Object.entries(WORDS).flatMap(([kind, word]) => {
    const count = byState[kind as HealthState]?.length;
    return count === undefined ? [] : [`${count} ${word}`];
  });
  const stopped = byState.stopped ?? [];
  const lines = [
    `projects ${counts.join(", ") || "none"}`,
    ...stopped.slice(0, MAX_LISTED).map(([name, { reason }]) => `         ${name.padEnd(14)} ${reason}`),
    ...(stopped.length > MAX_LISTED ? [`         and ${stopped.length - MAX_LISTED} more; see the web UI`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
