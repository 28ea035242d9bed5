import { requireProject } from "./project-routes.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { readActivity } from "./store/activity.ts";

export const activityRoutes = ({ database }: WebuiContext): ApiRoute[] => [
  apiRoute({
    method: "GET",
    path: "/projects/:name/activity",
    summary:
      "Runs that succeeded, were retried or failed in the last 5 minutes, hour or day, and their average times, in steps of equal length",
    params: schemas.projectParams,
    query: schemas.activityQuery,
    answers: { 200: schemas.activity },
    isLive: true,
    async handle({ params: { name }, query: { window } }) {
      await requireProject(database, name);
      return await readActivity(database, name, { window, now: Date.now() / 1_000 });
    },
  }),
];
