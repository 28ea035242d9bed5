/** The REST API's routes, one function each; all throw RequestError. */

import type { StepTask } from "../debugger/steps.ts";
import { SESSION_PATH } from "../session/session-store.ts";
import { API_ROOT, type RequestOptions, request } from "./request.ts";
import { store } from "./store.ts";
import type {
  Cluster,
  Counters,
  DebugReport,
  FailureGroup,
  FailureGroups,
  Health,
  PageSource,
  Project,
  ProjectChanges,
  ProjectSummary,
  QueueDepths,
  ResultPage,
  ScriptVersion,
  SelectedTasks,
  Session,
  TaskDetail,
  TaskPage,
  TaskResults,
  TaskSelection,
} from "./types.ts";

const projectPath = (name: string) => `/projects/${encodeURIComponent(name)}`;
const taskPath = (project: string, taskid: string) => `/tasks/${encodeURIComponent(project)}/${encodeURIComponent(taskid)}`;

/** What the API has at a path, which is its key in the store. */
export interface Resource<T> {
  path: string;
  load(signal?: AbortSignal): Promise<T>;
}

const resource = <T>(path: string): Resource<T> => ({ path, load: (signal) => request<T>(path, { signal }) });

export const getSession = () => resource<Session>(SESSION_PATH);
/** All projects; with `name` only that one, if it exists. */
export const listProjects = (name?: string) => resource<ProjectSummary[]>(`/projects${query({ name })}`);
export const getCounters = (project?: string) => resource<Counters>(`/counters${query({ project })}`);
export const getQueueDepths = () => resource<QueueDepths>("/queues");
export const getCluster = () => resource<Cluster>("/cluster");
export const listFailures = (name: string) => resource<FailureGroups>(`${projectPath(name)}/failures`);
export const getHealth = (name: string) => resource<Health>(`${projectPath(name)}/health`);
export const getProject = (name: string) => resource<Project>(projectPath(name));
export const listVersions = (name: string) => resource<{ versions: ScriptVersion[] }>(`${projectPath(name)}/versions`);
export const getVersion = (name: string, id: number) => resource<ScriptVersion & { script: string }>(`${projectPath(name)}/versions/${id}`);
/** A page is identified by the `next` of the previous one; without it the first. */
export const listResults = (name: string, page: { before: string | undefined; search: string | undefined }) =>
  resource<ResultPage>(`${projectPath(name)}/results${query(page)}`);
export const countResults = (name: string) => resource<{ count: number }>(`${projectPath(name)}/results/count`);
export const listTasks = (name: string, page: { status: string | undefined; after: string | undefined }) =>
  resource<TaskPage>(`${projectPath(name)}/tasks${query(page)}`);
/** The tasks that `rerunSelected` would run. */
export const countSelected = (name: string, { callback, code, url }: TaskSelection) =>
  resource<SelectedTasks>(`${projectPath(name)}/rerun${query({ callback, code, url })}`);
export const listTaskResults = (project: string, taskid: string) => resource<TaskResults>(`${taskPath(project, taskid)}/results`);
export const getTask = (project: string, taskid: string) => resource<TaskDetail>(taskPath(project, taskid));

export const logIn = (token: string) => request<Session>("/login", { method: "POST", body: { token } });
export const logOut = () => request<Session>("/logout", { method: "POST" });
export const logOutEverywhere = () => request<Session>("/logout-everywhere", { method: "POST" });

export const putProject = (name: string, changes: ProjectChanges) => change<Project>(projectPath(name), { method: "PUT", body: changes });
export const deleteProject = (name: string) => change(projectPath(name), { method: "DELETE" });
export const clearProject = (name: string) => change(`${projectPath(name)}/clear`);
export const rerunFailed = (name: string) => change(`${projectPath(name)}/rerun-failed`);
export const runProject = (name: string) => change(`${projectPath(name)}/run`);
export const rerunFailures = (name: string, { code, statusCode, host, place }: FailureGroup) =>
  change(`${projectPath(name)}/failures/run`, { method: "POST", body: { code, statusCode, host, place } });
/** Runs the tasks of a selection that have run before again. */
export const rerunSelected = (name: string, selection: TaskSelection, page: PageSource) =>
  change(`${projectPath(name)}/rerun`, { method: "POST", body: { ...selection, page } });
export const rerunTask = (project: string, taskid: string) => change(`${taskPath(project, taskid)}/run`);

/** Runs one task with a script that is not saved; an empty URL stands for onStart. */
export const debugStep = (project: string, script: string, { url, callback, follow }: StepTask, page: PageSource = "live") =>
  request<DebugReport>(`${projectPath(project)}/debug`, {
    method: "POST",
    body: {
      script,
      callback,
      ...(url === "" ? {} : { url }),
      ...(follow?.fetch ? { fetch: follow.fetch } : {}),
      ...(follow?.save === undefined ? {} : { save: follow.save }),
      ...(page === "stored" && url !== "" ? { page, ...(follow ? { taskid: follow.taskid } : {}) } : {}),
    },
  });

/** Afterwards, failed or not, all shown data is loaded again; answers to requests before it are dropped. */
async function change<T>(path: string, options: RequestOptions = { method: "POST" }): Promise<T> {
  return await request<T>(path, options).finally(() => void store.invalidateQueries());
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
