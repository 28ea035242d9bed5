import { z } from "zod";
import { MIB } from "../core/protocol/byte-units.ts";
import { getProject, hasProject, listProjects, type Project, putProject, requestDelete } from "../core/store/projects.ts";
import type { Sql } from "../core/store/sql.ts";
import { NotFoundError } from "./errors.ts";
import { refuseIfLocked } from "./lock.ts";
import { pokeScheduler } from "./poke.ts";
import { checkProjectBody, requireHash, requireScript } from "./project-body.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";

/** pyspider's new project (webui/debug.py): one task per second, a burst of three. */
const NEW_PROJECT = { rate: 1, burst: 3 };

/** The longest script, if every character needs escaping. */
const PROJECT_BODY_BYTES = 2 * MIB;

/** The error for an unknown project. */
export const noSuchProject = (name: string) => new NotFoundError(`project ${name}`, "GET /api/v1/projects lists all of them.");

/** Rejects with `noSuchProject` if the project does not exist. */
export async function requireProject(sql: Sql, name: string): Promise<void> {
  if (!(await hasProject(sql, name))) throw noSuchProject(name);
}

/** Reading, writing and deleting projects. */
export const projectRoutes = (context: WebuiContext): ApiRoute[] => [
  listRoute(context),
  getRoute(context),
  putRoute(context),
  deleteRoute(context),
];

const listRoute = ({ database }: WebuiContext) =>
  apiRoute({
    method: "GET",
    path: "/projects",
    summary: "All projects, by name; or one of them without its script",
    query: schemas.projectsQuery,
    answers: { 200: z.array(schemas.projectSummary) },
    isLive: true,
    handle: ({ query: { name } }) => listProjects(database, name),
  });

const getRoute = ({ database }: WebuiContext) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name",
    summary: "One project with its script",
    params: schemas.projectParams,
    answers: { 200: schemas.project },
    async handle({ params: { name } }) {
      const project = await getProject(database, name);
      if (!project) throw noSuchProject(name);
      return project;
    },
  });

function putRoute(context: WebuiContext) {
  const { database, settings } = context;
  const schema = schemas.projectBody(settings);
  const defaults = { rate: Math.min(NEW_PROJECT.rate, settings.maxRate), burst: Math.min(NEW_PROJECT.burst, settings.maxBurst) };
  return apiRoute({
    method: "PUT",
    path: "/projects/:name",
    summary: "Create a project, or change the given fields of one; a new script sends a running project to CHECKING",
    params: schemas.projectParams,
    bodyLimitBytes: PROJECT_BODY_BYTES,
    body: {
      schema,
      check: (body: unknown, { name }: { name: string }) => checkProjectBody(body, { name, schema }),
    },
    answers: { 200: schemas.project, 201: schemas.project },
    async handle({ params: { name }, body: { changes, ifSourceHash } }, { reply }) {
      const check = (before: Project, isNew: boolean) => {
        if (isNew) requireScript(name, changes);
        refuseIfLocked(before, changes);
        requireHash(before, ifSourceHash);
      };
      const { project, isNew } = await putProject(database, name, { changes, defaults, check });
      pokeScheduler(context);
      return reply.code(isNew ? 201 : 200).send(project);
    },
  });
}

const deleteRoute = (context: WebuiContext) =>
  apiRoute({
    method: "DELETE",
    path: "/projects/:name",
    summary: "Stop a project; the scheduler then removes it with its tasks and results",
    params: schemas.projectParams,
    answers: { 202: schemas.accepted },
    async handle({ params: { name } }, { reply }) {
      if (!(await requestDelete(context.database, name, refuseIfLocked))) throw noSuchProject(name);
      pokeScheduler(context);
      return reply.code(202).send({ accepted: true });
    },
  });
