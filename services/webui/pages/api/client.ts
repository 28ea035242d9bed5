/** The REST API's routes, one function each; all throw RequestError. */
import { API_ROOT, request } from "./request.ts";
import type {
  Cluster,
  Counters,
  Project,
  ProjectChanges,
  ProjectSummary,
  QueueDepths,
  ResultFormat,
  ResultPage,
  Session,
  TaskDetail,
  TaskPage,
} from "./types.ts";

const projectPath = (name: string) => `/projects/${encodeURIComponent(name)}`;
const taskPath = (project: string, taskid: string) => `/tasks/${encodeURIComponent(project)}/${encodeURIComponent(taskid)}`;

export const getSession = (signal?: AbortSignal) => request<Session>("/session", { signal });
export const logIn = (token: string) => request<Session>("/login", { method: "POST", body: { token } });
export const logOut = () => request<Session>("/logout", { method: "POST" });

export const listProjects = (signal?: AbortSignal) => request<ProjectSummary[]>("/projects", { signal });
export const getProject = (name: string, signal?: AbortSignal) => request<Project>(projectPath(name), { signal });
export const putProject = (name: string, changes: ProjectChanges) => request<Project>(projectPath(name), { method: "PUT", body: changes });
export const deleteProject = (name: string) => request<unknown>(projectPath(name), { method: "DELETE" });
export const clearProject = (name: string) => request<unknown>(`${projectPath(name)}/clear`, { method: "POST" });
export const rerunFailed = (name: string) => request<unknown>(`${projectPath(name)}/rerun-failed`, { method: "POST" });
export const runProject = (name: string) => request<unknown>(`${projectPath(name)}/run`, { method: "POST" });

export const getCounters = (signal?: AbortSignal) => request<Counters>("/counters", { signal });
export const getQueueDepths = (signal?: AbortSignal) => request<QueueDepths>("/queues", { signal });
export const getCluster = (signal?: AbortSignal) => request<Cluster>("/cluster", { signal });

/** Pages are told apart by the `next` of the one before; without it the first. */
export const listResults = (name: string, before: string | undefined, signal?: AbortSignal) =>
  request<ResultPage>(`${projectPath(name)}/results${query({ before })}`, { signal });
export const listTasks = (name: string, page: { status: string | undefined; after: string | undefined }, signal?: AbortSignal) =>
  request<TaskPage>(`${projectPath(name)}/tasks${query(page)}`, { signal });
export const getTask = (project: string, taskid: string, signal?: AbortSignal) =>
  request<TaskDetail>(taskPath(project, taskid), { signal });
export const rerunTask = (project: string, taskid: string) => request<unknown>(`${taskPath(project, taskid)}/run`, { method: "POST" });

/** Where all of a project's results can be downloaded. */
export const exportAddress = (name: string, format: ResultFormat) => `${API_ROOT}${projectPath(name)}/results?format=${format}`;

function query(parameters: Record<string, string | undefined>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}
