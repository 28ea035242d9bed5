import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { connectRedisQueues } from "../core/queue/redis.ts";
import { readEnv } from "../core/runtime/env.ts";
import { serveRole } from "../core/runtime/role-server.ts";
import { runMain } from "../core/runtime/run-main.ts";
import { connectPostgres } from "../core/store/postgres.ts";
import { runIssuer } from "./certificates/issuer.ts";
import { schedulerEnv } from "./env.ts";
import { runScheduler } from "./run.ts";
import { TermHealth } from "./term-health.ts";

await runMain("scheduler", async (signal, log) => {
  const { redisUrl, databaseUrl, leaseMs, host, port, scheduler, certificate } = readEnv(schedulerEnv);
  // If a stopped process kept the lease's row locked, no standby could take over.
  const database = await connectPostgres(databaseUrl, { unreadMs: TIME_LIMITS.idleTransactionMs });
  const queues = await connectRedisQueues({ role: "scheduler", url: redisUrl, leaseMs, log, signal });
  const health = new TermHealth(performance.now());
  await using server = await serveRole({
    host,
    port,
    isConnected: () => queues.isConnected(),
    problem: () => health.problem(performance.now()),
  });
  signal.addEventListener("abort", () => server.drain());
  await Promise.all([
    runScheduler({ database, queues, settings: scheduler, signal, log, health }),
    certificate === undefined ? undefined : runIssuer({ database, settings: certificate, holder: scheduler.holder, signal, log }),
  ]);
  await queues.close();
  await database.close();
});
