/** What the projects of a fleet do, for `./orb status`. */
import type { Health, HealthState } from "../../webui/health.ts";
import { getFromEdge } from "./edge-request.ts";
import type { Fleet } from "./fleet-hosts.ts";

/** By name, or why they are not known. */
export type ProjectsState = { projects: Record<string, Pick<Health, "state" | "reason">> } | { notAsked: string };

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
  return { notAsked: failures.join("; ") };
}

function readSummary(body: string): Record<string, Health> {
  const summary = JSON.parse(body) as Record<string, { health: Health }>;
  return Object.fromEntries(
    Object.entries(summary).map(
      ([
        name,
        {
          health: { state, reason },
        },
      ]) => [name, { state, reason }],
    ),
  );
}

const WORDS: Record<HealthState, string> = { runs: "running", waits: "waiting", ended: "ended", stopped: "stopped" };
/** Of projects in which a person has to act. */
const MAX_LISTED = 20;

/** A line with the numbers, and one for each project in which a person has to act. */
export function projectsText(state: ProjectsState): string {
  if ("notAsked" in state) return `projects could not be read: ${state.notAsked}\n`;
  const all = Object.entries(state.projects);
  const counts = Object.entries(WORDS)
    .map(([kind, word]) => [all.filter(([, { state: one }]) => one === kind).length, word] as const)
    .filter(([count]) => count > 0);
  const stopped = all.filter(([, { state: one }]) => one === "stopped");
  const lines = [
    `projects ${all.length === 0 ? "none" : counts.map(([count, word]) => `${count} ${word}`).join(", ")}`,
    ...stopped.slice(0, MAX_LISTED).map(([name, { reason }]) => `         ${name.padEnd(14)} ${reason}`),
    ...(stopped.length > MAX_LISTED ? [`         and ${stopped.length - MAX_LISTED} more; see the web UI`] : []),
  ];
  return `${lines.join("\n")}\n`;
}
