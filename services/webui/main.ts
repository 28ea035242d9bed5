import { readEnv } from "../core/env.ts";
import { connectRedisQueues } from "../core/queue/redis.ts";
import { runMain } from "../core/run-main.ts";
import { connectPostgres } from "../core/store/postgres.ts";
import { webuiEnv } from "./env.ts";
import { runWebui } from "./run.ts";

/** Nobody waits longer for a page, and there are few connections. */
const STATEMENT_MS = 15_000;

await runMain("webui", async (signal, log) => {
  const { redisUrl, databaseUrl, leaseMs, ...settings } = readEnv(webuiEnv);
  const database = await connectPostgres(databaseUrl, { statementMs: STATEMENT_MS });
  const queues = await connectRedisQueues({ url: redisUrl, leaseMs, log, signal });
  await runWebui({ database, queues, settings, signal, log });
  await queues.close();
  await database.close();
});
