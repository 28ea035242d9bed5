import { readCounters } from "../core/store/counter-queries.ts";
import { readSchedulerStatus } from "../core/store/scheduler-status.ts";
import { paced } from "./paced.ts";
import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";

/** What the whole crawler is doing. */
export const statusRoutes = (context: WebuiContext): ApiRoute[] => [countersRoute(context), ...queueRoutes(context)];

/** Of many projects a day's windows are millions of rows, and every page that is open asks again and again. */
function countersRoute({ database }: WebuiContext): ApiRoute {
  const read = paced(() => readCounters(database, Date.now() / 1_000));
  return apiRoute({
    method: "GET",
    path: "/counters",
    summary: "Events of the last 5 minutes, hour and day, and totals, by project",
    answers: { 200: schemas.counters },
    handle: read,
  });
}

const queueRoutes = ({ database, queues }: WebuiContext): ApiRoute[] => [
  apiRoute({
    method: "GET",
    path: "/queues",
    summary: "Messages that wait (ready) and that a worker holds (leased), by queue",
    answers: { 200: schemas.queueDepths },
    handle: () => queues.depth(),
  }),
  apiRoute({
    method: "GET",
    path: "/cluster",
    summary: "Who schedules, and whether the queues are connected",
    answers: { 200: schemas.cluster },
    handle: async () => ({ scheduler: await readSchedulerStatus(database), queues: { isConnected: queues.isConnected() } }),
  }),
];
