import { connectRedisQueues } from "../core/queue/redis.ts";
import { readEnv } from "../core/runtime/env.ts";
import { createGcTrigger } from "../core/runtime/garbage.ts";
import { serveRole } from "../core/runtime/role-server.ts";
import { runMain } from "../core/runtime/run-main.ts";
import { confinementHere } from "../sandbox/confinement/confinement.ts";
import { confinementText, measureConfinement } from "../sandbox/confinement/report.ts";
import { prepareChildCode } from "../sandbox/sandbox.ts";
import { processorEnv } from "./env.ts";
import { runProcessor } from "./run.ts";

await runMain("processor", async (signal, log) => {
  const { redisUrl, leaseMs, host, port, processor: settings } = readEnv(processorEnv);
  await prepareChildCode();
  const confined = await confinementHere();
  measureConfinement(confined);
  log.info({ confined }, confinementText(confined));
  const queues = await connectRedisQueues({ role: "processor", url: redisUrl, leaseMs, log, signal });
  await using server = await serveRole({ host, port, isConnected: () => queues.isConnected() });
  signal.addEventListener("abort", () => server.drain());
  await runProcessor({ queues, settings, signal, log, onBytes: createGcTrigger() });
  await queues.close();
});
