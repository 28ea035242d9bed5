import { z } from "zod";
import { databaseUrl, leaseSeconds, listenHost, listenPort, redisUrl, wholeNumber } from "../core/runtime/env.ts";

/** How outcomes are batched. */
export interface ResultWorkerSettings {
  /** Maximum outcomes stored in one transaction. */
  batch: number;
  /** How long a batch that is not full waits for more outcomes. */
  lingerMs: number;
}

/** Enough to make a transaction's fixed cost small compared with its rows. */
const BATCH = 500;
const LINGER_MS = 5;

export const resultWorkerDefaults: ResultWorkerSettings = { batch: BATCH, lingerMs: LINGER_MS };

/** Environment of a result-worker process. */
export const resultWorkerEnv = z
  .object({
    ORB_REDIS_URL: redisUrl(),
    ORB_DATABASE_URL: databaseUrl(),
    ORB_HOST: listenHost(),
    ORB_PORT: listenPort(24_446),
    ORB_LEASE_SECONDS: leaseSeconds(),
    ORB_RESULT_BATCH: wholeNumber({ min: 1, max: 5_000, fallback: BATCH }),
  })
  .transform((env) => ({
    redisUrl: env.ORB_REDIS_URL,
    databaseUrl: env.ORB_DATABASE_URL,
    host: env.ORB_HOST,
    port: env.ORB_PORT,
    leaseMs: env.ORB_LEASE_SECONDS * 1_000,
    worker: { batch: env.ORB_RESULT_BATCH, lingerMs: LINGER_MS } satisfies ResultWorkerSettings,
  }));
