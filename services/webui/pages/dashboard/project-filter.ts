/** Which projects the dashboard lists, and in which order. Pure; the address carries it, so a bookmark keeps a filter. */
import type { SummaryRow } from "../api/types.ts";

export const SORTS = { name: "Name", pace: "Pages a minute", failed: "Failed tasks", changed: "Last change" } as const;
export type Sort = keyof typeof SORTS;

/** The words of the filter by health. */
export const HEALTHS = {
  runs: "Runs",
  waits: "Waits",
  ended: "Ended",
  stopped: "Needs a person",
} as const satisfies Record<SummaryRow["health"]["state"], string>;

export interface ProjectFilter {
  /** In names, labels and comments, whatever their case; empty: all. */
  search: string;
  health: keyof typeof HEALTHS | "";
  /** One label; empty: all. */
  label: string;
  sort: Sort;
}

export const NO_FILTER: ProjectFilter = { search: "", health: "", label: "", sort: "name" };

const PARAMETERS = ["search", "health", "label", "sort"] as const;

/** The filter of an address's query; what it does not know is left out. */
export function readFilter(query: URLSearchParams): ProjectFilter {
  const [search = "", health = "", label = "", sort = ""] = PARAMETERS.map((name) => query.get(name) ?? "");
  return {
    search,
    health: Object.hasOwn(HEALTHS, health) ? (health as ProjectFilter["health"]) : "",
    label,
    sort: Object.hasOwn(SORTS, sort) ? (sort as Sort) : "name",
  };
}

/** `?search=a&sort=pace`, or an empty text for no filter. */
export function filterQuery(filter: ProjectFilter): string {
  const given = PARAMETERS.filter((name) => filter[name] !== NO_FILTER[name]).map((name): [string, string] => [name, filter[name]]);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}

/** The labels of a project: the words of its group. */
export const labelsOf = ({ group }: Pick<SummaryRow, "group">): string[] => group.split(/[\s,;]+/).filter(Boolean);

/** All labels, by name. */
export const allLabels = (projects: readonly SummaryRow[]): string[] => [...new Set(projects.flatMap(labelsOf))].sort();

/** Of the last whole minute. */
export const paceOf = ({ pagesPerMinute }: SummaryRow): number => pagesPerMinute.at(-1) ?? 0;

/** The listed projects in their order; equal ones by name. */
export function listProjects(projects: readonly SummaryRow[], { search, health, label, sort }: ProjectFilter): SummaryRow[] {
  const wanted = search.trim().toLowerCase();
  const isListed = (project: SummaryRow) =>
    (health === "" || project.health.state === health) &&
    (label === "" || labelsOf(project).includes(label)) &&
    `${project.name}\n${project.group}\n${project.comments}`.toLowerCase().includes(wanted);
  const weight = WEIGHTS[sort];
  return projects.filter(isListed).sort((one, other) => weight(other) - weight(one) || one.name.localeCompare(other.name, "en"));
}

/** The largest first. */
const WEIGHTS: Record<Sort, (project: SummaryRow) => number> = {
  name: () => 0,
  pace: paceOf,
  failed: ({ counters }) => counters.all.failed,
  changed: ({ updatetime }) => updatetime,
};
