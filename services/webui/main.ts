import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { connectRedisQueues } from "../core/queue/redis.ts";
import { readEnv } from "../core/runtime/env.ts";
import { runMain } from "../core/runtime/run-main.ts";
import { connectPostgres } from "../core/store/postgres.ts";
import { webuiEnv } from "./env.ts";
import { runWebui } from "./run.ts";

await runMain("webui", async (signal, log) => {
  const { redisUrl, databaseUrl, leaseMs, ...settings } = readEnv(webuiEnv);
  const database = await connectPostgres(databaseUrl, { statementMs: TIME_LIMITS.webuiStatementMs });
  const queues = await connectRedisQueues({ role: "webui", url: redisUrl, leaseMs, log, signal });
  await runWebui({ database, queues, settings, signal, log });
  await queues.close();
  await database.close();
});
