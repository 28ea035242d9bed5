import { readEnv } from "../core/env.ts";
import { collectGarbageEarly } from "../core/garbage.ts";
import { connectRedisQueues } from "../core/queue/redis.ts";
import { serveRole } from "../core/role-server.ts";
import { runMain } from "../core/run-main.ts";
import { connectPostgres } from "../core/store/postgres.ts";
import { resultWorkerEnv } from "./env.ts";
import { runResultWorker } from "./run.ts";

await runMain("result-worker", async (signal, log) => {
  const { redisUrl, databaseUrl, leaseMs, host, port, worker } = readEnv(resultWorkerEnv);
  const database = await connectPostgres(databaseUrl);
  const queues = await connectRedisQueues({ url: redisUrl, leaseMs, log, signal });
  await using server = await serveRole({ host, port, isReady: () => true, isConnected: () => queues.isConnected() });
  signal.addEventListener("abort", () => server.drain());
  await runResultWorker({ database, queues, settings: worker, signal, log, onBytes: collectGarbageEarly() });
  await queues.close();
  await database.close();
});
