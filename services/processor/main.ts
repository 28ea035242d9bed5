import { readEnv } from "../core/env.ts";
import { collectGarbageEarly } from "../core/garbage.ts";
import { connectRedisQueues } from "../core/queue/redis.ts";
import { serveRole } from "../core/role-server.ts";
import { runMain } from "../core/run-main.ts";
import { prepareChildCode } from "../script/sandbox.ts";
import { processorEnv } from "./env.ts";
import { runProcessor } from "./run.ts";

await runMain("processor", async (signal, log) => {
  const { redisUrl, leaseMs, host, port, processor: settings } = readEnv(processorEnv);
  await prepareChildCode();
  const queues = await connectRedisQueues({ url: redisUrl, leaseMs, log, signal });
  await using server = await serveRole({ host, port, isReady: () => true, isConnected: () => queues.isConnected() });
  signal.addEventListener("abort", () => server.drain());
  await runProcessor({ queues, settings, signal, log, onBytes: collectGarbageEarly() });
  await queues.close();
});
