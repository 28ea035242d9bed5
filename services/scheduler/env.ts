import { hostname } from "node:os";
import { z } from "zod";
import { databaseUrl, leaseSeconds, listenHost, listenPort, redisUrl, wholeNumber } from "../core/env.ts";
import { DEFAULT_FAILURES_TO_PAUSE } from "./auto-pause.ts";
import { DEFAULT_DELETE_SECONDS } from "./deletion.ts";
import { DEFAULT_RETRY_DELAYS_SECONDS } from "./retry-delay.ts";
import type { SchedulerSettings } from "./settings.ts";

const MIB = 1024 * 1024;
/** Twenty times what one fetcher fetches at once: four projects at their own bound. */
const IN_FLIGHT_TASKS = 2_048;
/** Five times what one fetcher fetches at once: most tasks in flight stand in the batches of the roles behind it. With 256 a crawl is a quarter slower. */
const IN_FLIGHT_TASKS_PER_PROJECT = 512;
/** Half of the memory that the reference deployment gives Redis. */
const IN_FLIGHT_MIB = 256;

export const schedulerDefaults: SchedulerSettings = {
  holder: `${hostname()}:${process.pid}`,
  credit: { tasks: IN_FLIGHT_TASKS, tasksPerProject: IN_FLIGHT_TASKS_PER_PROJECT, bytes: IN_FLIGHT_MIB * MIB },
  defaultRetryDelaysSeconds: DEFAULT_RETRY_DELAYS_SECONDS,
  failuresToPause: DEFAULT_FAILURES_TO_PAUSE,
  deleteSeconds: DEFAULT_DELETE_SECONDS,
};

/** Environment of a scheduler process. */
export const schedulerEnv = z
  .object({
    ORB_REDIS_URL: redisUrl(),
    ORB_DATABASE_URL: databaseUrl(),
    ORB_HOST: listenHost(),
    ORB_PORT: listenPort(23_333),
    ORB_LEASE_SECONDS: leaseSeconds(),
    ORB_IN_FLIGHT_TASKS: wholeNumber({ min: 1, max: 100_000, fallback: IN_FLIGHT_TASKS }),
    ORB_IN_FLIGHT_TASKS_PER_PROJECT: wholeNumber({ min: 1, max: 100_000, fallback: IN_FLIGHT_TASKS_PER_PROJECT }),
    ORB_IN_FLIGHT_MIB: wholeNumber({ min: 1, max: 65_536, fallback: IN_FLIGHT_MIB }),
    ORB_FAILURES_TO_PAUSE: wholeNumber({ min: 0, max: 100_000, fallback: DEFAULT_FAILURES_TO_PAUSE }),
    ORB_DELETE_SECONDS: wholeNumber({ min: 0, max: 1_000_000_000, fallback: DEFAULT_DELETE_SECONDS }),
  })
  .transform((env) => ({
    redisUrl: env.ORB_REDIS_URL,
    databaseUrl: env.ORB_DATABASE_URL,
    host: env.ORB_HOST,
    port: env.ORB_PORT,
    leaseMs: env.ORB_LEASE_SECONDS * 1_000,
    scheduler: {
      ...schedulerDefaults,
      credit: {
        tasks: env.ORB_IN_FLIGHT_TASKS,
        tasksPerProject: env.ORB_IN_FLIGHT_TASKS_PER_PROJECT,
        bytes: env.ORB_IN_FLIGHT_MIB * MIB,
      },
      failuresToPause: env.ORB_FAILURES_TO_PAUSE,
      deleteSeconds: env.ORB_DELETE_SECONDS,
    } satisfies SchedulerSettings,
  }));
