import { readEnv } from "../core/env.ts";
import { connectRedisQueues } from "../core/queue/redis.ts";
import { serveRole } from "../core/role-server.ts";
import { runMain } from "../core/run-main.ts";
import { processorEnv } from "./env.ts";
import { runProcessor } from "./run.ts";

await runMain("processor", async (signal, log) => {
  const { redisUrl, leaseMs, host, port, processor: settings } = readEnv(processorEnv);
  const queues = await connectRedisQueues({ url: redisUrl, leaseMs, log, signal });
  await using server = await serveRole({ host, port, isReady: () => true, isConnected: () => queues.isConnected() });
  signal.addEventListener("abort", () => server.drain());
  await runProcessor({ queues, settings, signal, log });
  await queues.close();
});
