/** The REST API's routes, one function each; all throw RequestError. */

import type { EventWindow } from "../counters/windows.ts";
import { SESSION_PATH } from "../session/session-store.ts";
import { API_ROOT, type RequestOptions, request } from "./request.ts";
import { store } from "./store.ts";
import type {
  Activity,
  Cluster,
  DeadLetters,
  FailureGroups,
  LogPage,
  Project,
  ProjectChanges,
  ProjectSummary,
  QueueDepths,
  Replica,
  ResultPage,
  ScriptVersion,
  SelectedTasks,
  Session,
  Summary,
  TaskDetail,
  TaskPage,
  TaskResults,
  TaskSelection,
  Ticks,
} from "./types.ts";

export const projectPath = (name: string) => `/projects/${encodeURIComponent(name)}`;
export const taskPath = (project: string, taskid: string) => `/tasks/${encodeURIComponent(project)}/${encodeURIComponent(taskid)}`;

/** What the API has at a path, which is its key in the store. */
export interface Resource<T> {
  path: string;
  /** Whether the event stream can send its changes. */
  isLive: boolean;
  load(signal?: AbortSignal): Promise<T>;
}

const resource = <T>(path: string, isLive = true): Resource<T> => ({ path, isLive, load: (signal) => request<T>(path, { signal }) });

export const getSession = () => resource<Session>(SESSION_PATH);
/** All projects; with `name` only that one, if it exists. */
export const listProjects = (name?: string) => resource<ProjectSummary[]>(`/projects${query({ name })}`);
/** Of all projects, or of one. */
export const getSummary = (name?: string) => resource<Summary>(`/summary${query({ name })}`);
export const getQueueDepths = () => resource<QueueDepths>("/queues");
export const getCluster = () => resource<Cluster>("/cluster");
export const listDeadLetters = () => resource<DeadLetters>("/dead-letters");
export const listReplicas = () => resource<Replica[]>("/replicas");
export const listFailures = (name: string) => resource<FailureGroups>(`${projectPath(name)}/failures`);
export const getActivity = (name: string, window: EventWindow) => resource<Activity>(`${projectPath(name)}/activity${query({ window })}`);
export const getTicks = (name: string) => resource<Ticks>(`${projectPath(name)}/ticks`);
export const getProject = (name: string) => resource<Project>(projectPath(name));
export const listVersions = (name: string) => resource<{ versions: ScriptVersion[] }>(`${projectPath(name)}/versions`, false);
export const getVersion = (name: string, id: number) =>
  resource<ScriptVersion & { script: string }>(`${projectPath(name)}/versions/${id}`, false);
/** A page is identified by the `next` of the previous one; without it the first. */
export const listResults = (name: string, page: { before: string | undefined; search: string | undefined }) =>
  resource<ResultPage>(`${projectPath(name)}/results${query(page)}`, false);
export const countResults = (name: string) => resource<{ count: number }>(`${projectPath(name)}/results/count`, false);
export const listTasks = (name: string, page: { status: string | undefined; search: string | undefined; after: string | undefined }) =>
  resource<TaskPage>(`${projectPath(name)}/tasks${query(page)}`);
export const readLog = (name: string, page: { search: string | undefined; after: string | undefined }) =>
  resource<LogPage>(`${projectPath(name)}/log${query(page)}`);
/** The tasks that `rerunSelected` would run. */
export const countSelected = (name: string, { callback, code, url }: TaskSelection) =>
  resource<SelectedTasks>(`${projectPath(name)}/rerun${query({ callback, code, url })}`, false);
export const listTaskResults = (project: string, taskid: string) => resource<TaskResults>(`${taskPath(project, taskid)}/results`, false);
export const getTask = (project: string, taskid: string) => resource<TaskDetail>(taskPath(project, taskid));

export const logIn = (token: string) => request<Session>("/login", { method: "POST", body: { token } });
export const logOut = () => request<Session>("/logout", { method: "POST" });
export const logOutEverywhere = () => request<Session>("/logout-everywhere", { method: "POST" });

export const putProject = (name: string, changes: ProjectChanges) => change<Project>(projectPath(name), { method: "PUT", body: changes });
export const deleteProject = (name: string) => change(projectPath(name), { method: "DELETE" });
export const clearProject = (name: string) => change(`${projectPath(name)}/clear`);
export const rerunFailed = (name: string) => change(`${projectPath(name)}/rerun-failed`);
export const runProject = (name: string) => change(`${projectPath(name)}/run`);

/** Afterwards, failed or not, all shown data is loaded again; answers to requests before it are dropped. */
export async function change<T>(path: string, options: RequestOptions = { method: "POST" }): Promise<T> {
  return await request<T>(path, options).finally(reload);
}

let openBatches = 0;

function reload(): void {
  if (openBatches === 0) void store.invalidateQueries();
}

/** Concurrent requests of a bulk action: a browser has six connections to a site, and the page needs some itself. */
const BATCH = 3;

/** Changes several projects and loads the shown data again once, at the end. Resolves to those that were refused. */
export async function changeEach(
  names: readonly string[],
  act: (name: string) => Promise<unknown>,
): Promise<{ name: string; error: unknown }[]> {
  const left = [...names];
  const failures: { name: string; error: unknown }[] = [];
  openBatches += 1;
  const work = async () => {
    for (let name = left.shift(); name !== undefined; name = left.shift()) {
      const current = name;
      await act(current).catch((error: unknown) => failures.push({ name: current, error }));
    }
  };
  await Promise.all(Array.from({ length: BATCH }, work));
  openBatches -= 1;
  reload();
  return failures;
}

/** The URL to download a project's results. */
export const exportAddress = (name: string, choices: Record<string, string>) => `${API_ROOT}${projectPath(name)}/results${query(choices)}`;

/** The URL of one complete result. */
export const resultAddress = (name: string, { taskid, index }: { taskid: string; index: number }) =>
  `${API_ROOT}${projectPath(name)}/results/${encodeURIComponent(taskid)}/${index}`;

function query(parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}
