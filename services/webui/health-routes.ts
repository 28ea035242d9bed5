import type { ScriptInfo } from "../core/protocol/messages.ts";
import { explainHealth } from "./health.ts";
import { noSuchProject } from "./project-routes.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { readHealthFacts } from "./store/health-facts.ts";
import { nextTicks } from "./ticks.ts";

/** Whether a project's tasks run, why not, and when the scheduler calls its methods next. */
export const healthRoutes = ({ database, queues }: WebuiContext): ApiRoute[] => [
  apiRoute({
    method: "GET",
    path: "/projects/:name/ticks",
    summary:
      "When the methods with @every and @cron are called next, while the project is in DEBUG or RUNNING; of the script as it ran last",
    params: schemas.projectParams,
    answers: { 200: schemas.ticks },
    isLive: true,
    async handle({ params: { name } }) {
      const [row] = await database.query<{ info: ScriptInfo | null }>("select info from projects where name = $1", [name]);
      if (!row) throw noSuchProject(name);
      return row.info ? nextTicks(row.info, Date.now() / 1_000) : [];
    },
  }),
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
