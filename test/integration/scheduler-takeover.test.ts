import assert from "node:assert/strict";
import { after, afterEach, before, describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pino from "pino";
import type { FetchOrder } from "../../services/core/protocol/messages.ts";
import { TIME_LIMITS } from "../../services/core/protocol/time-limits.ts";
import type { Queues } from "../../services/core/queue/queue.ts";
import { connectRedisQueues } from "../../services/core/queue/redis.ts";
import { connectPostgres } from "../../services/core/store/postgres.ts";
import type { Database } from "../../services/core/store/sql.ts";
import { fence } from "../../services/scheduler/store/scheduler-lease.ts";
import { addProject, ask } from "../fixtures/database.ts";
import { type Answer, follow, runPipeline } from "../fixtures/pipeline.ts";
import { POSTGRES_IS_MISSING, type PostgresServer, postgresIsInstalled, startPostgres } from "../fixtures/postgres-server.ts";
import { REDIS_IS_MISSING, type RedisServer, redisIsInstalled, startRedis } from "../fixtures/redis-server.ts";
import { createFleet, type Fleet, type RoleProcess } from "../fixtures/role-processes.ts";
import { until } from "../fixtures/until.ts";

const skip = (!redisIsInstalled && REDIS_IS_MISSING) || (!postgresIsInstalled && POSTGRES_IS_MISSING);
const LEASE_MS = 2_000;
/** The promised takeover time of a standby. */
const TAKEOVER_MS = 5_000;
const log = pino({ level: "silent" });

describe("two schedulers, one active", { skip, timeout: 120_000 }, () => {
  let redis: RedisServer;
  let postgres: PostgresServer;
  let queues: Queues;
  let database: Database;
  let fleet: Fleet;
  let stop: AbortController;
  let working: Promise<void>[] = [];

  before(async () => {
    [redis, postgres] = await Promise.all([startRedis(), startPostgres()]);
    database = await connectPostgres(postgres.url);
    queues = await connectRedisQueues({ url: redis.url, leaseMs: LEASE_MS, log });
    const scheduler = { ORB_REDIS_URL: redis.url, ORB_LEASE_SECONDS: String(LEASE_MS / 1_000), ORB_DATABASE_URL: postgres.url };
    fleet = createFleet({ scheduler, fetcher: {}, processor: {}, "result-worker": {}, webui: {}, renderer: {} });
    await Promise.all([fleet.start("scheduler"), fleet.start("scheduler")]);
  });
  afterEach(async () => {
    stop?.abort();
    await Promise.all(working);
    working = [];
    await database.exec("truncate projects, tasks, results, inbox, dead_letters, project_totals, counters");
  });
  after(async () => {
    await fleet[Symbol.asyncDispose]();
    await queues.close();
    await database.close();
    await Promise.all([redis[Symbol.asyncDispose](), postgres[Symbol.asyncDispose]()]);
  });

  function startPipeline(answer: (order: FetchOrder) => Answer | undefined): FetchOrder[] {
    stop = new AbortController();
    const pipeline = runPipeline({ queues, database, signal: stop.signal }, answer);
    working.push(pipeline.done);
    return pipeline.orders;
  }

  const lease = async () => {
    const [row] = await database.query<{ epoch: number; holder: string; held: boolean }>(
      "select epoch, holder, expires > clock_timestamp() as held from scheduler_lease",
    );
    return row ?? { epoch: 0, holder: "", held: false };
  };
  const active = () =>
    until("a scheduler acts", async () => {
      const { holder, held } = await lease();
      return held ? fleet.of("scheduler").find(({ pid }) => holder.endsWith(`:${pid}`)) : undefined;
    });
  /** Asks for a page and resolves once it is crawled: only a scheduler that acts can do that. */
  const crawled = async (name: string) => {
    await ask(database, { kind: "follows", project: "books", follows: [follow(name)] });
    await until(`${name} is crawled`, async () => {
      const [task] = await database.query("select 1 from tasks where taskid = $1 and status = 2", [name]);
      return task !== undefined;
    });
  };
  const killed = async ({ signal, ended }: RoleProcess) => {
    signal("SIGKILL");
    await ended;
  };

  test("a standby takes over in under 5 seconds after the active scheduler was killed", async (context: TestContext) => {
    startPipeline(() => ({}));
    await addProject(database, "books");
    const took: number[] = [];

    for (const name of ["a", "b", "c"]) {
      await crawled(`${name} before`);
      await killed(await active());
      const start = performance.now();
      await crawled(`${name} after`);
      took.push(performance.now() - start);
      await fleet.start("scheduler");
    }

    context.diagnostic(
      `takeovers, to the first page crawled by the standby: ${took.map((ms) => `${(ms / 1_000).toFixed(2)} s`).join(", ")}`,
    );
    assert.ok(Math.max(...took) < TAKEOVER_MS, `${took}`);
  });

  test("a scheduler that was stopped during a transaction does not block a takeover", async (context: TestContext) => {
    startPipeline(() => ({}));
    await addProject(database, "books");
    await crawled("before");
    const scheduler = await active();
    const { epoch } = await lease();
    const open = Promise.withResolvers<void>();
    const stuck = database.transaction(async (sql) => {
      await fence(sql, epoch);
      open.resolve();
      await new Promise<void>((resolve) => stop.signal.addEventListener("abort", () => resolve()));
    });
    stuck.catch(() => {});
    await open.promise;

    await killed(scheduler);
    const start = performance.now();
    await crawled("after");

    context.diagnostic(`took over from it in ${((performance.now() - start) / 1_000).toFixed(2)} s`);
    await fleet.start("scheduler");
    stop.abort();
    await assert.rejects(stuck);
  });

  test("a scheduler that was paused and continues changes nothing and becomes a standby", async () => {
    const orders = startPipeline(({ taskid }) => ({ results: [JSON.stringify(taskid)] }));
    await addProject(database, "books");
    const pages = Array.from({ length: 300 }, (_, index) => `page ${index}`);
    await ask(database, { kind: "follows", project: "books", follows: pages.map((name) => follow(name)) });
    await until("in the middle of the crawl", () => orders.length > 20);
    const old = await active();

    old.signal("SIGSTOP");
    await until("the standby acts", async () => {
      const { holder, held } = await lease();
      return held && !holder.endsWith(`:${old.pid}`);
    });
    await crawled("meanwhile");
    const before = await lease();
    const stateBefore = await tasksNow();
    old.signal("SIGCONT");
    await until("the old one has noticed", () => /taken over|trying again/.test(old.log()));
    await crawled("afterwards");

    const state = await tasksNow();
    assert.deepEqual({ ...(await lease()), held: true }, before);
    assert.deepEqual(
      state.filter(({ taskid }) => taskid !== "afterwards"),
      stateBefore,
    );
    assert.equal(state.length, pages.length + 3);
  });

  const tasksNow = async () => {
    await until("every task has ended", async () => {
      const unfinished = await database.query("select 1 from tasks where queue is not null");
      return unfinished.length === 0;
    });
    return database.query<{ taskid: string }>("select taskid, status, updatetime, stored from tasks order by taskid");
  };

  test("takeovers neither lose nor repeat a tick of @every", { timeout: 90_000 }, async (context: TestContext) => {
    const info = { fetchDefaults: {}, every: [{ callback: "tick", seconds: 1 }], hasOnFinished: false };
    // The result of a counted outcome is a separate task.
    startPipeline(({ taskid, attempt }) => {
      const at = taskid.match(/^_every_tick_(\d+)$/)?.[1];
      return at === undefined ? { info } : { follows: [follow(`tick ${at} ${attempt}`)] };
    });
    await addProject(database, "books");
    const ticked = async () => {
      const rows = await database.query<{ taskid: string }>("select taskid from tasks where starts_with(taskid, 'tick ')");
      return rows.map(({ taskid }) => Number(taskid.split(" ")[1])).sort((a, b) => a - b);
    };
    await until("the first ticks", async () => (await ticked()).length >= 2);

    for (const way of ["killed", "stopped", "ended", "killed", "stopped"]) {
      const count = (await ticked()).length;
      const scheduler = await active();
      if (way === "killed") await killed(scheduler);
      if (way === "ended") scheduler.signal("SIGTERM");
      if (way === "stopped") {
        scheduler.signal("SIGSTOP");
        await delay(TIME_LIMITS.schedulerLeaseMs + 1_500);
        scheduler.signal("SIGCONT");
      } else await fleet.start("scheduler");
      await until("more ticks", async () => (await ticked()).length >= count + 3);
    }

    const ticks = await ticked();
    const first = ticks[0] ?? 0;
    assert.deepEqual(
      ticks,
      ticks.map((_, index) => first + index),
    );
    context.diagnostic(`${ticks.length} ticks, each once, over 5 takeovers`);
  });
});
