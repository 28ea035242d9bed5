import { explainHealth } from "./health.ts";
import { noSuchProject } from "./project-routes.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { readHealthFacts } from "./store/health-facts.ts";

/** Whether a project's tasks run, and why not. */
export const healthRoutes = ({ database, queues }: WebuiContext): ApiRoute[] => [
  apiRoute({
    method: "GET",
    path: "/projects/:name/health",
    summary: "Whether the project's tasks run, or why nothing runs and what helps",
    params: schemas.projectParams,
    answers: { 200: schemas.health },
    isLive: true,
    async handle({ params: { name } }) {
      const [[found], depths] = await Promise.all([readHealthFacts(database, name), queues.depth()]);
      if (!found) throw noSuchProject(name);
      return explainHealth(found.facts, depths, Date.now() / 1_000);
    },
  }),
];
