/** Which page belongs to which address. Pure: tests run it without a browser. */

import { fieldsText, parseFields } from "../../../core/export/columns.ts";
import { EVENT_WINDOWS, type EventWindow } from "../counters/windows.ts";
import { filterQuery, type ProjectFilter, readFilter } from "../dashboard/project-filter.ts";

/** What a page of results shows. */
export interface ResultsView {
  /** `next` of the previous page. */
  before: string | undefined;
  search: string | undefined;
  /** As in exports; undefined: all. */
  columns: string[] | undefined;
}

/** What a page of tasks shows. */
export interface TasksView {
  status: string | undefined;
  search: string | undefined;
  /** `next` of the previous page. */
  after: string | undefined;
  /** The id of the task that is shown beside the list. */
  task: string | undefined;
}

export type Route =
  | { page: "dashboard"; filter: ProjectFilter }
  | { page: "cluster" }
  | { page: "login" }
  | { page: "script"; project: string; line: number | undefined; task: string | undefined }
  | ({ page: "results"; project: string } & ResultsView)
  | ({ page: "tasks"; project: string } & TasksView)
  | { page: "task"; project: string; taskid: string }
  | { page: "log"; project: string; search: string | undefined; after: string | undefined }
  | { page: "activity"; project: string; window: EventWindow }
  | { page: "settings"; project: string }
  | { page: "unknown" };

const UNKNOWN: Route = { page: "unknown" };

/** The page at an address such as `/projects/books?line=3`. */
export function routeAt(address: string): Route {
  const [path = "", search = ""] = address.split(/\?(.*)/s);
  const parts = decodeParts(path);
  const query = new URLSearchParams(search);
  if (!parts) return UNKNOWN;
  if (parts.length === 0) return { page: "dashboard", filter: readFilter(query) };
  if (parts.length === 1 && (parts[0] === "login" || parts[0] === "cluster")) return { page: parts[0] };
  return parts[0] === "projects" ? projectRoute(parts.slice(1), query) : UNKNOWN;
}

function projectRoute([project, section, taskid, ...rest]: string[], query: URLSearchParams): Route {
  if (project === undefined || rest.length > 0) return UNKNOWN;
  const value = (name: string) => query.get(name) ?? undefined;
  if (section === undefined) return { page: "script", project, line: lineNumber(value("line")), task: value("task") };
  if (section === "tasks" && taskid !== undefined) return { page: "task", project, taskid };
  if (taskid !== undefined) return UNKNOWN;
  if (section === "log") return { page: "log", project, search: value("search") || undefined, after: value("after") };
  if (section === "activity") return { page: "activity", project, window: eventWindow(value("window")) };
  if (section === "settings") return { page: "settings", project };
  if (section === "results") {
    return { page: "results", project, before: value("before"), search: value("search"), columns: parseFields(value("columns") ?? "") };
  }
  if (section === "tasks") {
    const search = value("search") || undefined;
    return { page: "tasks", project, status: value("status"), search, after: value("after"), task: value("task") };
  }
  return UNKNOWN;
}

/** Undefined for an address that is not valid UTF-8. */
function decodeParts(path: string): string[] | undefined {
  try {
    return path.split("/").filter(Boolean).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

const eventWindow = (text: string | undefined): EventWindow => EVENT_WINDOWS.find(({ key }) => key === text)?.key ?? "1h";
const lineNumber = (text: string | undefined): number | undefined => (/^[1-9]\d{0,6}$/.test(text ?? "") ? Number(text) : undefined);

const project = (name: string) => `/projects/${encodeURIComponent(name)}`;

/** `/path?a=b`, without the parameters that are undefined. */
function withQuery(path: string, parameters: Record<string, string | number | undefined>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return given.length > 0 ? `${path}?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}` : path;
}

interface ResultsAddress extends Partial<Pick<ResultsView, "search" | "columns">> {
  before?: number;
}

/** The address of each page: what `routeAt` reads. */
export const addresses = {
  dashboard: "/",
  dashboardWith: (filter: ProjectFilter) => `/${filterQuery(filter)}`,
  cluster: "/cluster",
  script: (name: string, line?: number) => withQuery(project(name), { line }),
  /** The script with a task in the debugger. */
  debug: (name: string, task: string) => withQuery(project(name), { task }),
  results: (name: string, { before, search, columns }: ResultsAddress = {}) =>
    withQuery(`${project(name)}/results`, { before, search, columns: columns && fieldsText(columns) }),
  activity: (name: string, window?: EventWindow) => withQuery(`${project(name)}/activity`, { window }),
  settings: (name: string) => `${project(name)}/settings`,
  tasks: (name: string, { status, search, after, task }: Partial<TasksView> = {}) =>
    withQuery(`${project(name)}/tasks`, { status, search: search || undefined, after, task }),
  log: (name: string, page: { search?: string | undefined; after?: string | undefined } = {}) =>
    withQuery(`${project(name)}/log`, { search: page.search || undefined, after: page.after }),
  task: (name: string, taskid: string) => `${project(name)}/tasks/${encodeURIComponent(taskid)}`,
};
