/** A real scheduler on a real store, with pages that are answered by a stand-in: what goes to which host, and when. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, test } from "node:test";
import pino from "pino";
import { readRunState } from "../../services/cli/run-state.ts";
import type { FetchOrder, ScriptInfo } from "../../services/core/protocol/messages.ts";
import type { Follow } from "../../services/core/protocol/task.ts";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import type { Queues } from "../../services/core/queue/queue.ts";
import { schedulerDefaults } from "../../services/scheduler/env.ts";
import { runScheduler } from "../../services/scheduler/run.ts";
import { addProject, ask, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { type Answer, runPipeline } from "../fixtures/pipeline.ts";
import { until } from "../fixtures/until.ts";

const log = pino({ level: process.env.ORB_LOG_LEVEL ?? "silent" });
const INFO: ScriptInfo = { fetchDefaults: {}, every: [], hasOnFinished: false };
/** Of a clock of milliseconds. */
const TOLERANCE_SECONDS = 0.002;

const followTo = (host: string, name: string, schedule: Follow["schedule"] = {}): Follow => ({
  taskid: `${host}-${name}`,
  url: `http://${host}/${name}`,
  schedule,
  process: { callback: "page" },
});
const followsTo = (host: string, count: number) => Array.from({ length: count }, (_, index) => followTo(host, String(index)));

for (const { engine, skip, open } of ENGINES) {
  describe(`politeness on ${engine}`, { skip }, () => {
    let store: TestDatabase;
    let stop: (() => Promise<void>)[] = [];
    before(async () => {
      store = await open();
    });
    afterEach(async () => {
      for (const end of stop.reverse()) await end();
      stop = [];
      await store.reset();
    });
    after(() => store[Symbol.asyncDispose]());

    function startScheduler(queues: Queues) {
      const abort = new AbortController();
      const settings = { ...schedulerDefaults, failuresToPause: 3 };
      const done = runScheduler({ database: store.scheduler, queues, settings, signal: abort.signal, log });
      const end = async () => {
        abort.abort();
        await done;
      };
      stop.push(end);
      return { end };
    }

    /** Answers orders, and remembers when each of them left the scheduler (seconds). */
    function startPipeline(queues: Queues, info: Partial<ScriptInfo>, answer: (order: FetchOrder) => Answer | undefined = () => ({})) {
      const abort = new AbortController();
      const orders: { taskid: string; host: string; at: number }[] = [];
      const put = queues.put.bind(queues);
      queues.put = (puts, step) => {
        const at = Date.now() / 1_000;
        for (const { message } of puts) {
          if ("scriptHash" in message && message.taskid !== "_on_get_info")
            orders.push({ taskid: message.taskid, host: new URL(message.url).host, at });
        }
        return put(puts, step);
      };
      const pipeline = runPipeline({ queues, database: store.database, signal: abort.signal }, (order) =>
        order.taskid === "_on_get_info" ? { info: { ...INFO, ...info } } : answer(order),
      );
      stop.push(async () => {
        abort.abort();
        await pipeline.done;
      });
      return orders;
    }

    const crawl = async (follows: Follow[], fields: { rate?: number; burst?: number; hash?: string } = {}) => {
      await addProject(store.database, "books", fields);
      await ask(store.database, { kind: "follows", project: "books", follows });
    };
    const isIdle = async () => {
      const state = await readRunState(store.database, "books");
      return !state.hasInbox && !state.hasDue && !state.hasInFlight && !state.hasAwaited && state.success + state.failed > 0;
    };
    const gaps = (orders: { at: number }[]) => orders.slice(1).map(({ at }, index) => at - (orders[index]?.at ?? 0));
    const linesLeft = async () => (await store.database.query("select * from host_lines")).length;

    test("a host's pages start one per hostDelay, and hosts do not wait for each other", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, { hostDelaySeconds: 0.3 });
      startScheduler(queues);

      await crawl([...followsTo("a.test", 6), ...followsTo("b.test", 6), followTo("c.test", "1")]);
      await until("idle", isIdle);

      for (const host of ["a.test", "b.test"]) {
        const own = orders.filter((order) => order.host === host);
        assert.equal(own.length, 6);
        assert.ok(Math.min(...gaps(own)) >= 0.3 - TOLERANCE_SECONDS, `${host}: ${gaps(own)}`);
      }
      const sequence = orders.map(({ host }) => host);
      assert.ok(sequence.indexOf("b.test") < sequence.lastIndexOf("a.test") && sequence.indexOf("a.test") < sequence.lastIndexOf("b.test"));
      await until("no task waits for its host", async () => (await linesLeft()) === 0);
    });

    test("links with host names above the maximum length do not delay other tasks", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, { hostDelaySeconds: 0.1 });
      // Text that Postgres cannot compress to what an index takes.
      const name = Array.from({ length: 60 }, () => randomBytes(30).toString("hex")).join(".");
      startScheduler(queues);

      await crawl([1, 2, 3].flatMap((page) => [followTo("a.test", `${page}`), { ...followTo(name, `${page}`), taskid: `long${page}` }]));
      await until("idle", isIdle);

      assert.equal(orders.length, 6);
    });

    test("at most hostConcurrency tasks of one host run at the same time", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, { hostConcurrency: 2 }, ({ url }) => (url.startsWith("http://stuck.test") ? undefined : {}));
      startScheduler(queues);

      await crawl([...followsTo("stuck.test", 10), ...followsTo("a.test", 10)]);
      await until("the other host is done", async () => (await readRunState(store.database, "books")).success === 10);

      assert.equal(orders.filter(({ host }) => host === "stuck.test").length, 2);
      assert.equal(await linesLeft(), 1);
    });

    test("a host with thousands of due pages does not delay other hosts", { timeout: 60_000 }, async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, { hostDelaySeconds: 3_600 });
      await crawl([...followsTo("large.test", 5_000), followTo("small.test", "1")]);
      startScheduler(queues);

      await until("the small host's page is crawled", () => orders.some(({ host }) => host === "small.test"), 30_000);

      assert.equal(orders.filter(({ host }) => host === "large.test").length, 1);
    });

    test("the page with the highest priority of a host is dispatched first", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, { hostDelaySeconds: 0.5 });
      await crawl(followsTo("a.test", 50));
      startScheduler(queues);
      await until("some are crawled, the others wait for their host", () => orders.length === 2);

      await ask(store.database, { kind: "follows", project: "books", follows: [followTo("a.test", "urgent", { priority: 5 })] });
      await until("it is crawled", () => orders.some(({ taskid }) => taskid === "a.test-urgent"));

      const before = orders.findIndex(({ taskid }) => taskid === "a.test-urgent");
      assert.ok(before <= 5, `${before} others went before it`);
    });

    test("a new scheduler continues the host queues of the previous one", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, { hostDelaySeconds: 0.2 });
      const first = startScheduler(queues);
      await crawl(followsTo("a.test", 8));
      await until("some are crawled", () => orders.length >= 3);

      await first.end();
      startScheduler(queues);
      await until("idle", isIdle);

      assert.equal(new Set(orders.map(({ taskid }) => taskid)).size, 8);
      const { success } = await readRunState(store.database, "books");
      assert.equal(success, 8);
    });

    test("when a script removes its limits, all host queues are released", async () => {
      const queues = createMemoryQueues();
      const info: Partial<ScriptInfo> = { hostDelaySeconds: 3_600 };
      const orders = startPipeline(queues, info);
      startScheduler(queues);
      await crawl(followsTo("a.test", 20));
      await until(
        "one is crawled, the others wait for their host",
        async () => (await store.database.query("select 1 from tasks where queue = 4")).length === 19,
      );

      delete info.hostDelaySeconds;
      await store.database.query("update projects set script_hash = 'other'");
      await ask(store.database, { kind: "project", project: "books" });
      await until("idle", isIdle);

      assert.equal(orders.length, 20);
      await until("no task waits for its host", async () => (await linesLeft()) === 0);
    });

    test("a host's Retry-After applies to all its pages, counts as no failure, and pauses no project", async () => {
      const queues = createMemoryQueues();
      const busyUntil = { at: 0 };
      const orders = startPipeline(queues, {}, ({ url, attempt }) => {
        if (!url.startsWith("http://busy.test")) return {};
        busyUntil.at ||= Date.now() / 1_000 + 1;
        const retryAfterSeconds = busyUntil.at - Date.now() / 1_000;
        return retryAfterSeconds > 0
          ? { fails: true, code: "E_PAGE_STATUS", fetch: { ok: false, statusCode: 429, retryAfterSeconds } }
          : { results: [String(attempt)] };
      });
      startScheduler(queues);

      await crawl([...followsTo("busy.test", 5), ...followsTo("a.test", 5)]);
      await until("some pages were put off", () => busyUntil.at > 0);
      await ask(store.database, {
        kind: "follows",
        project: "books",
        follows: [followTo("busy.test", "late"), followTo("a.test", "late")],
      });
      await until("idle", isIdle);

      const busy = orders.filter(({ host }) => host === "busy.test");
      const early = busy.filter(({ at }) => at < busyUntil.at - TOLERANCE_SECONDS);
      assert.ok(early.length <= 5 && !early.some(({ taskid }) => taskid === "busy.test-late"), JSON.stringify(early));
      const { success, failed } = await readRunState(store.database, "books");
      assert.deepEqual([success, failed], [12, 0]);
      const retried = await store.database.query("select 1 from tasks where retried > 0 or held_back > 0");
      assert.deepEqual(retried, []);
      const [project] = await store.database.query<{ paused_until: number }>("select paused_until from projects");
      assert.equal(project?.paused_until, 0);
    });

    test("pages of a host that always sends Retry-After fail after the last deferral", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, {}, () => ({
        fails: true,
        code: "E_PAGE_STATUS",
        fetch: { ok: false, statusCode: 503, retryAfterSeconds: 0.01 },
      }));
      startScheduler(queues);

      await crawl([followTo("busy.test", "1", { retries: 0 })]);
      await until("idle", isIdle);

      assert.equal(orders.length, 11);
      assert.equal((await readRunState(store.database, "books")).failed, 1);
    });

    test("a host that refuses the crawl is left alone for longer and longer, loses no page, and delays no other host", async () => {
      const queues = createMemoryQueues();
      const opensAt = { at: 0 };
      const orders = startPipeline(queues, {}, ({ url, attempt }) => {
        if (!url.startsWith("http://busy.test")) return {};
        opensAt.at ||= Date.now() / 1_000 + 2;
        return Date.now() / 1_000 < opensAt.at
          ? { fails: true, code: "E_PAGE_STATUS", fetch: { ok: false, statusCode: 429, isBlocked: true } }
          : { results: [String(attempt)] };
      });
      startScheduler(queues);

      await crawl([...followsTo("busy.test", 5), ...followsTo("a.test", 20)]);
      await until("idle", isIdle);

      const busy = orders.filter(({ host }) => host === "busy.test");
      const refused = busy.filter(({ at }) => at < opensAt.at);
      assert.ok(refused.length <= 5 + 2, `after the first five, one page after a second, and the next after two more: ${refused.length}`);
      const { success, failed } = await readRunState(store.database, "books");
      assert.deepEqual([success, failed], [25, 0]);
      assert.ok(Math.max(...orders.filter(({ host }) => host === "a.test").map(({ at }) => at)) < opensAt.at);
    });

    test("the crawl delay of a host's robots.txt applies as soon as it is known", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, {}, () => ({ fetch: { crawlDelaySeconds: 0.4 } }));
      startScheduler(queues);
      await crawl([followTo("a.test", "first")]);
      await until("the first page is crawled", async () => (await readRunState(store.database, "books")).success === 1);

      await ask(store.database, { kind: "follows", project: "books", follows: followsTo("a.test", 3) });
      await until("idle", isIdle);

      assert.equal(orders.length, 4);
      assert.ok(Math.min(...gaps(orders)) >= 0.4 - TOLERANCE_SECONDS, String(gaps(orders)));
    });
  });
}
