import { hostname } from "node:os";
import { z } from "zod";
import { MIB } from "../core/protocol/byte-units.ts";
import { databaseUrl, leaseSeconds, listenHost, listenPort, redisUrl, secret, wholeNumber } from "../core/runtime/env.ts";
import { DEFAULT_FAILURES_TO_PAUSE } from "./auto-pause.ts";
import type { IssuerSettings } from "./certificates/issuer.ts";
import { DEFAULT_DELETE_SECONDS } from "./deletion.ts";
import { DEFAULT_RETRY_DELAYS_SECONDS } from "./retry-delay.ts";
import type { SchedulerSettings } from "./settings.ts";

/** Twenty times the concurrency of one fetcher: four projects at their own limit. */
const IN_FLIGHT_TASKS = 2_048;
/** Five times the concurrency of one fetcher: most tasks in flight are in the batches of the roles after it. With 256 a crawl is a quarter slower. */
const IN_FLIGHT_TASKS_PER_PROJECT = 512;
/** Half of the reference deployment's memory for Redis. */
const IN_FLIGHT_MIB = 256;

export const schedulerDefaults: SchedulerSettings = {
  holder: `${hostname()}:${process.pid}`,
  credit: { tasks: IN_FLIGHT_TASKS, tasksPerProject: IN_FLIGHT_TASKS_PER_PROJECT, bytes: IN_FLIGHT_MIB * MIB },
  defaultRetryDelaysSeconds: DEFAULT_RETRY_DELAYS_SECONDS,
  failuresToPause: DEFAULT_FAILURES_TO_PAUSE,
  deleteSeconds: DEFAULT_DELETE_SECONDS,
};

const DIRECTORY = "write the URL of an ACME directory, such as https://acme-v02.api.letsencrypt.org/directory";

/** Environment of a scheduler process. With a domain it orders certificates, and needs all ORB_ACME_… variables except the last two. */
export const schedulerEnv = z
  .object({
    ORB_ACME_DOMAIN: z.string().optional(),
    ORB_ACME_DIRECTORY: z.string().startsWith("https://", DIRECTORY).optional(),
    ORB_ACME_PASSPHRASE: secret(z.string().min(32, "write a secret of at least 32 characters")).optional(),
    ORB_ACME_EMAIL: z.string().optional(),
    ORB_ACME_AUTHORITY: secret(z.string()).optional(),
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
  .superRefine((env, context) => {
    const needed = ["ORB_ACME_DOMAIN", "ORB_ACME_DIRECTORY", "ORB_ACME_PASSPHRASE"] as const;
    const missing = needed.filter((name) => env[name] === undefined);
    if (missing.length === needed.length) return;
    for (const name of missing)
      context.addIssue({ code: "custom", path: [name], message: `write it, too: ${needed.join(", ")} belong together` });
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
    certificate: certificateOf(env),
  }));

interface AcmeEnv {
  ORB_ACME_DOMAIN?: string | undefined;
  ORB_ACME_DIRECTORY?: string | undefined;
  ORB_ACME_PASSPHRASE?: string | undefined;
  ORB_ACME_EMAIL?: string | undefined;
  ORB_ACME_AUTHORITY?: string | undefined;
}

function certificateOf(env: AcmeEnv): IssuerSettings | undefined {
  const { ORB_ACME_DOMAIN: domain, ORB_ACME_DIRECTORY: directory, ORB_ACME_PASSPHRASE: passphrase } = env;
  if (domain === undefined || directory === undefined || passphrase === undefined) return undefined;
  return { domain, directory, passphrase, email: env.ORB_ACME_EMAIL, authority: env.ORB_ACME_AUTHORITY };
}
