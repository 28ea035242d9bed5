/** Loads the queue's functions into Redis and exits: `ORB_REDIS_URL=… node services/core/queue/load-main.ts`, with a login that may load functions. */
import { z } from "zod";
import { readEnv, redisUrl } from "../runtime/env.ts";
import { runMain } from "../runtime/run-main.ts";
import { loadFunctions, openRedis, retryWhileUnavailable, withoutCommand } from "./redis-connection.ts";

/** A server that has just started reads its data first. */
const LOAD_MS = 60_000;

await runMain("load-functions", async (signal) => {
  const { ORB_REDIS_URL: url } = readEnv(z.object({ ORB_REDIS_URL: redisUrl() }));
  const redis = openRedis(url);
  let lastError: Error | undefined;
  redis.on("error", (error: Error) => {
    lastError = error;
  });
  try {
    await retryWhileUnavailable(() => loadFunctions(redis), { url, forMs: LOAD_MS, signal, connectionError: () => lastError });
  } catch (error) {
    throw withoutCommand(error);
  } finally {
    redis.disconnect();
  }
});
