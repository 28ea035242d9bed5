import { MEDIA_TYPES } from "../core/export/formats.ts";
import { listTaskResults } from "../core/store/result-queries.ts";
import { NotFoundError } from "./errors.ts";
import { defined } from "./project-body.ts";
import { requireProject } from "./project-routes.ts";
import { shownJson } from "./result-routes.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { countSelected } from "./store/selected-tasks.ts";
import { readLog } from "./store/task-log.ts";
import { getTask, listTasks } from "./store/task-queries.ts";
import type { TaskCursor } from "./store/task-walk.ts";

/** The error for an unknown task of the project. */
export const noSuchTask = (project: string, taskid: string) =>
  new NotFoundError(`task ${taskid} in project ${project}`, `GET /api/v1/projects/${project}/tasks lists them.`);

/** A project's tasks, and one with all its stored data. */
export const taskRoutes = ({ database }: WebuiContext): ApiRoute[] => [
  apiRoute({
    method: "GET",
    path: "/projects/:name/tasks",
    summary: "One page of tasks, the most recently changed first; a page of a search may have few, and a next one more",
    params: schemas.projectParams,
    query: schemas.taskQuery,
    answers: { 200: schemas.taskPage },
    isLive: true,
    async handle({ params: { name }, query: { after, ...filter } }) {
      await requireProject(database, name);
      const { tasks, next } = await listTasks(database, name, { ...filter, after: parseCursor(after) });
      return { tasks, next: formatCursor(next) };
    },
  }),
  apiRoute({
    method: "GET",
    path: "/projects/:name/log",
    summary:
      "What the script printed and how runs failed, by task, its last run; the newest first; a page may have few, and a next one more",
    params: schemas.projectParams,
    query: schemas.logQuery,
    answers: { 200: schemas.logPage },
    isLive: true,
    async handle({ params: { name }, query: { after, ...filter } }) {
      await requireProject(database, name);
      const { entries, next } = await readLog(database, name, { ...filter, after: parseCursor(after) });
      return { entries: entries.map(({ updatetime: _, ...entry }) => entry), next: formatCursor(next) };
    },
  }),
  apiRoute({
    method: "GET",
    path: "/tasks/:project/:taskid",
    summary: "One task with its last run",
    params: schemas.taskParams,
    answers: { 200: schemas.task },
    isLive: true,
    async handle({ params: { project, taskid } }) {
      const task = await getTask(database, project, taskid);
      if (!task) throw noSuchTask(project, taskid);
      return task;
    },
  }),
  apiRoute({
    method: "GET",
    path: "/tasks/:project/:taskid/results",
    summary: "The stored results of one task, each up to 64 KiB, at most 500",
    params: schemas.taskParams,
    answers: { 200: schemas.taskResults },
    async handle({ params: { project, taskid } }, { reply }) {
      const rows = await listTaskResults(database, project, taskid);
      return reply.type(MEDIA_TYPES.json).send(`{"results":[${rows.map(shownJson).join()}]}`);
    },
  }),
  apiRoute({
    method: "GET",
    path: "/projects/:name/rerun",
    summary: "How many tasks a rerun of a selection concerns: tasks that have run, by callback, error code and part of the URL",
    params: schemas.projectParams,
    query: schemas.rerunQuery,
    answers: { 200: schemas.selectedTasks },
    async handle({ params: { name }, query }) {
      await requireProject(database, name);
      return countSelected(database, name, defined(query));
    },
  }),
];

/** `1700000000.5:taskid`, the format of `next`. */
const formatCursor = (cursor: TaskCursor | undefined) => (cursor === undefined ? null : `${cursor.updatetime}:${cursor.taskid}`);

function parseCursor(text: string | undefined): TaskCursor | undefined {
  if (text === undefined) return undefined;
  const colon = text.indexOf(":");
  return { updatetime: Number(text.slice(0, colon)), taskid: text.slice(colon + 1) };
}
