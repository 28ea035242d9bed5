import { explainHealth } from "./health.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { NO_COUNTERS } from "./store/counter-queries.ts";
import { readHealthFacts } from "./store/health-facts.ts";
import { PagesPerMinute } from "./store/pages-per-minute.ts";

/** Each project as lists show it: its fields, its health, its counters and its recent pace. */
export const summaryRoutes = ({ database, queues, readCounters }: WebuiContext): ApiRoute[] => {
  const pages = new PagesPerMinute(database);
  return [
    apiRoute({
      method: "GET",
      path: "/summary",
      summary: "All projects by name, each with its health, counters and pages a minute; or one of them",
      query: schemas.projectsQuery,
      answers: { 200: schemas.summary },
      isLive: true,
      async handle({ query: { name } }) {
        const now = Date.now() / 1_000;
        const [found, depths, counters, pagesOf] = await Promise.all([
          readHealthFacts(database, name),
          queues.depth(),
          readCounters(),
          pages.read(now),
        ]);
        const rows = found.map(({ project, facts }) => {
          const health = explainHealth(facts, depths, now);
          return [
            project.name,
            { ...project, health, counters: counters[project.name] ?? NO_COUNTERS, pagesPerMinute: pagesOf(project.name) },
          ];
        });
        return Object.fromEntries(rows);
      },
    }),
  ];
};
