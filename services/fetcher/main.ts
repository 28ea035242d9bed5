import { connectRedisQueues } from "../core/queue/redis.ts";
import { readEnv } from "../core/runtime/env.ts";
import { serveRole } from "../core/runtime/role-server.ts";
import { runMain } from "../core/runtime/run-main.ts";
import { fetcherEnv } from "./env.ts";
import { registerFetchRoute } from "./fetch-route.ts";
import { createFetcher } from "./fetcher.ts";
import { runFetcher } from "./run.ts";

await runMain("fetcher", async (signal, log) => {
  const { redisUrl, leaseMs, host, port, fetcher: settings } = readEnv(fetcherEnv);
  await using fetcher = createFetcher(settings, { isAlone: true });
  const queues = await connectRedisQueues({ role: "fetcher", url: redisUrl, leaseMs, log, signal });
  await using server = await serveRole({
    host,
    port,
    isConnected: () => queues.isConnected(),
    register: (app) => registerFetchRoute(app, fetcher),
  });
  signal.addEventListener("abort", () => server.drain());
  await runFetcher({ queues, settings, signal, log, fetcher });
  await queues.close();
});
