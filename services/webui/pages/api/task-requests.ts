/** Requests that run, cancel or create tasks. */
import { change, projectPath, taskPath } from "./client.ts";
import type { FailureGroup, PageSource, TaskSelection } from "./types.ts";

export const rerunFailures = (name: string, { code, statusCode, host, place }: FailureGroup) =>
  change(`${projectPath(name)}/failures/run`, { method: "POST", body: { code, statusCode, host, place } });
/** Runs the tasks of a selection that have run before again. */
export const rerunSelected = (name: string, selection: TaskSelection, page: PageSource) =>
  change(`${projectPath(name)}/rerun`, { method: "POST", body: { ...selection, page } });
export const rerunTask = (project: string, taskid: string) => change(`${taskPath(project, taskid)}/run`);
export const cancelTask = (project: string, taskid: string) => change(`${taskPath(project, taskid)}/cancel`);
export const runUrl = (name: string, url: string, callback: string) =>
  change(`${projectPath(name)}/tasks`, { method: "POST", body: { url, callback } });
/** `message` is any JSON value. Without a URL, its results are separate. */
export const sendMessage = (name: string, message: unknown, url: string) =>
  change(`${projectPath(name)}/messages`, { method: "POST", body: { message, ...(url === "" ? {} : { url }) } });
