import { type ApiRoute, apiRoute, type WebuiContext } from "./route.ts";
import * as schemas from "./schemas.ts";
import { readDeadLetters } from "./store/dead-letters.ts";
import { readSchedulerStatus } from "./store/scheduler-status.ts";

/** The state of the whole crawler. */
export const statusRoutes = (context: WebuiContext): ApiRoute[] => [countersRoute(context), ...queueRoutes(context)];

const countersRoute = ({ readCounters }: WebuiContext): ApiRoute =>
  apiRoute({
    method: "GET",
    path: "/counters",
    summary: "Events of the last 5 minutes, hour and day, and totals, by project",
    query: schemas.countersQuery,
    answers: { 200: schemas.counters },
    isLive: true,
    handle: async ({ query: { project } }) => {
      const counters = await readCounters();
      return project === undefined ? counters : onlyOf(project, counters);
    },
  });

function onlyOf<T>(name: string, byName: Record<string, T>): Record<string, T> {
  const found = byName[name];
  return found === undefined ? {} : { [name]: found };
}

const queueRoutes = ({ database, queues }: WebuiContext): ApiRoute[] => [
  apiRoute({
    method: "GET",
    path: "/queues",
    summary: "Waiting messages (ready), messages that a worker holds (leased) and the age of the oldest of these, by queue",
    answers: { 200: schemas.queueDepths },
    isLive: true,
    handle: () => queues.depth(),
  }),
  apiRoute({
    method: "GET",
    path: "/cluster",
    summary: "The active scheduler, and whether the queues are connected",
    answers: { 200: schemas.cluster },
    isLive: true,
    handle: async () => ({ scheduler: await readSchedulerStatus(database), queues: { isConnected: queues.isConnected() } }),
  }),
  apiRoute({
    method: "GET",
    path: "/replicas",
    summary: "The processes of all roles that are connected to the queues: machine, version, start, memory, messages that it holds",
    answers: { 200: schemas.replicas },
    isLive: true,
    handle: () => queues.listReplicas(),
  }),
  apiRoute({
    method: "GET",
    path: "/dead-letters",
    summary:
      "What was given up, the newest 100 of each kind: messages whose workers crashed, and requests that the scheduler could not read",
    answers: { 200: schemas.deadLetters },
    isLive: true,
    handle: () => readDeadLetters(database),
  }),
];
