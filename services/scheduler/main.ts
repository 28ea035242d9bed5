import { readEnv } from "../core/env.ts";
import { connectRedisQueues } from "../core/queue/redis.ts";
import { serveRole } from "../core/role-server.ts";
import { runMain } from "../core/run-main.ts";
import { connectPostgres } from "../core/store/postgres.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";
import { schedulerEnv } from "./env.ts";
import { runScheduler } from "./run.ts";

await runMain("scheduler", async (signal, log) => {
  const { redisUrl, databaseUrl, leaseMs, host, port, scheduler } = readEnv(schedulerEnv);
  // Locked by one that is stopped, the lease would keep every standby out.
  const database = await connectPostgres(databaseUrl, { unreadMs: TIME_LIMITS.idleTransactionMs });
  const queues = await connectRedisQueues({ url: redisUrl, leaseMs, log, signal });
  await using server = await serveRole({ host, port, isReady: () => true, isConnected: () => queues.isConnected() });
  signal.addEventListener("abort", () => server.drain());
  await runScheduler({ database, queues, settings: scheduler, signal, log });
  await queues.close();
  await database.close();
});
