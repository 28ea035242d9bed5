import { randomUUID } from "node:crypto";
import { KIB } from "../core/protocol/byte-units.ts";
import { messageTask } from "../core/protocol/message-task.ts";
import type { InboxRequest } from "../core/protocol/messages.ts";
import { startTask } from "../core/protocol/start-task.ts";
import { MESSAGE_URL } from "../core/protocol/task.ts";
import { taskidOfUrl } from "../core/protocol/taskid.ts";
import { addToInbox } from "../core/store/inbox.ts";
import { getProject, holdProject, type Project } from "../core/store/projects.ts";
import type { Sql } from "../core/store/sql.ts";
import { ProjectInactiveError } from "./errors.ts";
import { refuseIfLocked } from "./lock.ts";
import { pokeScheduler } from "./poke.ts";
import { defined } from "./project-body.ts";
import { noSuchProject } from "./project-routes.ts";
import { type ApiRoute, apiRoute, type RouteSpec, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { getTask, type TaskDetail } from "./store/task-queries.ts";
import { noSuchTask } from "./task-routes.ts";

/** A message and its URL at the maximum lengths, every character as `\uXXXX`. */
const MESSAGE_BODY_BYTES = 512 * KIB;

/** A selection at the maximum lengths, every character as `\uXXXX`. */
const RERUN_BODY_BYTES = 16 * KIB;
/** The longest URL and callback, every character as `\uXXXX`. */
const URL_BODY_BYTES = 64 * KIB;
/** Before all others, and also if the page is new enough. */
const RUN_NOW = { age: 0, priority: 9, forceUpdate: true };

/** Requests to the scheduler: written to its inbox, applied once. */
export const actionRoutes = (context: WebuiContext): ApiRoute[] => [
  projectAction(context, {
    path: "/projects/:name/run",
    summary: "Run onStart now; the project must be in DEBUG or RUNNING",
    body: undefined,
    requests: (project) => [{ kind: "follows", project: active(project), follows: [startTask] }],
  }),
  projectAction(context, {
    path: "/projects/:name/rerun-failed",
    summary: "Run all FAILED tasks again, with all their retries; the project must be in DEBUG or RUNNING",
    body: undefined,
    requests: (project) => [{ kind: "rerunFailed", project: active(project) }],
  }),
  projectAction(context, {
    path: "/projects/:name/rerun",
    summary: "Run the tasks of a selection that have run before again; GET counts them. The project must be in DEBUG or RUNNING",
    body: schemas.rerunBody,
    bodyLimitBytes: RERUN_BODY_BYTES,
    requests: (project, { page, ...selection }) => [
      { kind: "rerunSelected", project: active(project), selection: defined(selection), keptPages: page === "stored" },
    ],
  }),
  projectAction(context, {
    path: "/projects/:name/clear",
    summary: "Remove all tasks and results of a project and keep its script; running tasks are discarded",
    body: undefined,
    requests(project) {
      refuseIfLocked(project);
      return [{ kind: "clear", project: project.name }];
    },
  }),
  projectAction(context, {
    path: "/projects/:name/messages",
    summary: "Send the project a message: its onMessage is called with it once, when it runs",
    body: schemas.messageBody,
    bodyLimitBytes: MESSAGE_BODY_BYTES,
    requests: ({ name }, { message, url = MESSAGE_URL }) => [
      { kind: "follows", project: name, follows: [messageTask(`web_${randomUUID()}`, { project: "", message, url })] },
    ],
  }),
  projectAction(context, {
    path: "/projects/:name/tasks",
    summary: "Run one URL with a callback now, also if it was crawled before; the project must be in DEBUG or RUNNING",
    body: schemas.urlBody,
    bodyLimitBytes: URL_BODY_BYTES,
    requests: (project, { url, callback }) => [
      { kind: "follows", project: active(project), follows: [{ taskid: taskidOfUrl(url), url, schedule: RUN_NOW, process: { callback } }] },
    ],
  }),
  taskAction(context, {
    path: "/tasks/:project/:taskid/run",
    summary: "Run a task again now, whatever its state; its project must be in DEBUG or RUNNING",
    request: (project, { taskid }) => ({ kind: "rerun", project: active(project), taskid }),
  }),
  taskAction(context, {
    path: "/tasks/:project/:taskid/cancel",
    summary: "Cancel a task that waits; a task in flight ends first; its project must be in DEBUG or RUNNING",
    request: (project, { taskid, url, process }) => ({
      kind: "follows",
      project: active(project),
      follows: [{ taskid, url, schedule: { cancel: true, forceUpdate: true }, process }],
    }),
  }),
];

/** A request to the scheduler about a project. */
export interface Action<B> {
  path: string;
  summary: string;
  body: RouteSpec<unknown, unknown, B>["body"];
  bodyLimitBytes?: number;
  /** The requests for the inbox, in the transaction of `sql` that holds the project; throws a RequestError. */
  requests(project: Project, body: B, sql: Sql): InboxRequest[] | Promise<InboxRequest[]>;
}

/** The route of an action. */
export function projectAction<B>(context: WebuiContext, { path, summary, body, bodyLimitBytes, requests }: Action<B>): ApiRoute {
  return apiRoute<{ name: string }, undefined, B>({
    method: "POST",
    path,
    summary,
    params: schemas.projectParams,
    ...(body ? { body } : {}),
    ...(bodyLimitBytes ? { bodyLimitBytes } : {}),
    answers: { 202: schemas.accepted },
    async handle({ params: { name }, body: given }, { reply }) {
      await context.database.transaction(async (sql) => {
        const project = await holdProject(sql, name);
        if (!project) throw noSuchProject(name);
        await addToInbox(sql, ...(await requests(project, given, sql)));
      });
      pokeScheduler(context);
      return reply.code(202).send({ accepted: true });
    },
  });
}

function taskAction(
  context: WebuiContext,
  { path, summary, request }: { path: string; summary: string; request(project: Project, task: TaskDetail): InboxRequest },
): ApiRoute {
  const { database } = context;
  return apiRoute({
    method: "POST",
    path,
    summary,
    params: schemas.taskParams,
    answers: { 202: schemas.accepted },
    async handle({ params: { project: name, taskid } }, { reply }) {
      const project = await getProject(database, name);
      if (!project) throw noSuchProject(name);
      const task = await getTask(database, name, taskid);
      if (!task) throw noSuchTask(name, taskid);
      await addToInbox(database, request(project, task));
      pokeScheduler(context);
      return reply.code(202).send({ accepted: true });
    },
  });
}

/** The name of a running project. @throws ProjectInactiveError for any other. */
export function active({ name, status }: Project): string {
  if (status !== "DEBUG" && status !== "RUNNING") throw new ProjectInactiveError(name, status);
  return name;
}
