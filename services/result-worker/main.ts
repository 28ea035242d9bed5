import { connectRedisQueues } from "../core/queue/redis.ts";
import { readEnv } from "../core/runtime/env.ts";
import { createGcTrigger } from "../core/runtime/garbage.ts";
import { serveRole } from "../core/runtime/role-server.ts";
import { runMain } from "../core/runtime/run-main.ts";
import { connectPostgres } from "../core/store/postgres.ts";
import { resultWorkerEnv } from "./env.ts";
import { runResultWorker } from "./run.ts";

await runMain("result-worker", async (signal, log) => {
  const { redisUrl, databaseUrl, leaseMs, host, port, worker } = readEnv(resultWorkerEnv);
  const database = await connectPostgres(databaseUrl);
  const queues = await connectRedisQueues({ role: "result-worker", url: redisUrl, leaseMs, log, signal });
  await using server = await serveRole({ host, port, isConnected: () => queues.isConnected() });
  signal.addEventListener("abort", () => server.drain());
  await runResultWorker({ database, queues, settings: worker, signal, log, onBytes: createGcTrigger() });
  await queues.close();
  await database.close();
});
