import { getProject } from "../core/store/projects.ts";
import { NotFoundError } from "./errors.ts";
import { noSuchProject } from "./project-routes.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { getScriptVersion, listScriptVersions } from "./store/script-versions.ts";

/** Earlier scripts of a project. One is restored by saving its text. */
export const versionRoutes = (context: WebuiContext): ApiRoute[] => [listRoute(context), versionRoute(context)];

const listRoute = ({ database }: WebuiContext) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name/versions",
    summary: "The newest 50 versions of the project's script, the newest first, without their text",
    params: schemas.projectParams,
    answers: { 200: schemas.scriptVersions },
    async handle({ params: { name } }) {
      if (!(await getProject(database, name))) throw noSuchProject(name);
      return { versions: await listScriptVersions(database, name) };
    },
  });

const versionRoute = ({ database }: WebuiContext) =>
  apiRoute({
    method: "GET",
    path: "/projects/:name/versions/:id",
    summary: "One version of the project's script; to restore it, save its text with PUT",
    params: schemas.versionParams,
    answers: { 200: schemas.scriptVersion },
    async handle({ params: { name, id } }) {
      const version = await getScriptVersion(database, name, id);
      if (!version) throw new NotFoundError(`version ${id} of project ${name}`, `GET /api/v1/projects/${name}/versions lists them.`);
      return version;
    },
  });
