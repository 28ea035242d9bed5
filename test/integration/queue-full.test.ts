/** A crawl whose Redis is full, and then has room again. */
import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { connectRedisQueues } from "../../services/core/queue/redis.ts";
import { openRedis } from "../../services/core/queue/redis-connection.ts";
import { schedulerDefaults } from "../../services/scheduler/env.ts";
import { runScheduler } from "../../services/scheduler/run.ts";
import { addProject, ask, openTestEmbedded } from "../fixtures/database.ts";
import { follow, toOutcome } from "../fixtures/pipeline.ts";
import { REDIS_IS_MISSING, redisIsInstalled, startRedis } from "../fixtures/redis-server.ts";
import { until } from "../fixtures/until.ts";

const log = pino({ level: "silent" });
const skip = !redisIsInstalled && REDIS_IS_MISSING;

test("with a full Redis a scheduler applies outcomes, keeps its term, and dispatches when there is room", {
  skip,
  timeout: 60_000,
}, async () => {
  await using redis = await startRedis();
  await using store = await openTestEmbedded();
  const { database } = store;
  const queues = await connectRedisQueues({ url: redis.url, leaseMs: 15_000, log });
  const operator = openRedis(redis.url);
  const stop = new AbortController();
  const settings = { ...schedulerDefaults, credit: { ...schedulerDefaults.credit, tasks: 2 } };
  const running = runScheduler({ database, queues, settings, signal: stop.signal, log });
  const take = async (count: number) => {
    const leases = await until("orders", async () => {
      const some = await queues.lease("scheduler2fetcher", { max: count, waitMs: 200, signal: stop.signal });
      return some.length > 0 ? some : undefined;
    });
    return leases;
  };
  const end = (leases: Awaited<ReturnType<typeof take>>, info = {}) =>
    queues.complete(
      leases.map((lease) => ({
        lease,
        puts: [{ queue: "status_queue", message: { ...toOutcome(lease.message, {}, lease.id), results: null, ...info } }],
      })),
    );
  const statusOf = async (taskid: string) =>
    (await database.query<{ status: number }>("select status from tasks where taskid = $1", [taskid]))[0]?.status;
  const epoch = async () => (await database.query<{ epoch: number }>("select epoch from scheduler_lease"))[0]?.epoch;

  await addProject(database, "books");
  await end(await take(1), { info: { fetchDefaults: {}, every: [], hasOnFinished: false } });
  await ask(database, { kind: "follows", project: "books", follows: ["a", "b", "c"].map((name) => follow(name)) });
  const [first] = await take(1);
  const termBefore = await epoch();
  assert.ok(first);
  await operator.config("SET", "maxmemory", "1");
  await end([first]);
  await until("the first has ended", async () => (await statusOf(first.message.taskid)) === 2);
  await ask(database, { kind: "follows", project: "books", follows: [follow("late")] });
  await until("a request is taken in", async () => (await statusOf("late")) === 1);
  await operator.config("SET", "maxmemory", "0");

  const rest = new Set<string>();
  while (rest.size < 3) {
    const leases = await take(2);
    for (const { message } of leases) rest.add(message.taskid);
    await end(leases);
  }
  await until("all have ended", async () => (await database.query("select 1 from tasks where queue is not null")).length === 0);
  assert.deepEqual([[first.message.taskid, ...rest].sort(), await epoch()], [["a", "b", "c", "late"], termBefore]);

  stop.abort();
  await running;
  operator.disconnect();
  await queues.close();
});
