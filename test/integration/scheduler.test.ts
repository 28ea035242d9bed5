import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import pino from "pino";
import { messageTask } from "../../services/core/message-task.ts";
import type { FetchOrder } from "../../services/core/messages.ts";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import type { Queues } from "../../services/core/queue.ts";
import { requestDelete } from "../../services/core/store/projects.ts";
import { readRunState } from "../../services/core/store/run-state.ts";
import { fence, takeLease } from "../../services/core/store/scheduler-lease.ts";
import type { Database } from "../../services/core/store/sql.ts";
import { schedulerDefaults } from "../../services/scheduler/env.ts";
import { runScheduler } from "../../services/scheduler/run.ts";
import type { SchedulerSettings } from "../../services/scheduler/settings.ts";
import { addProject, ask, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { type Answer, follow, runPipeline } from "../fixtures/pipeline.ts";
import { until } from "../fixtures/until.ts";

const log = pino({ level: process.env.ORB_LOG_LEVEL ?? "silent" });

for (const { engine, skip, open } of ENGINES) {
  describe(`the scheduler on ${engine}`, { skip }, () => {
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

    function startScheduler(queues: Queues, settings: Partial<SchedulerSettings> = {}, database = store.database) {
      const abort = new AbortController();
      const done = runScheduler({ database, queues, settings: { ...schedulerDefaults, ...settings }, signal: abort.signal, log });
      const end = async () => {
        abort.abort();
        await done;
      };
      stop.push(end);
      return { end };
    }

    function startPipeline(queues: Queues, answer: (order: FetchOrder) => Answer | undefined) {
      const abort = new AbortController();
      const pipeline = runPipeline({ queues, database: store.database, signal: abort.signal }, answer);
      stop.push(async () => {
        abort.abort();
        await pipeline.done;
      });
      return pipeline.orders;
    }

    const isIdle = (project: string) => async () => {
      const state = await readRunState(store.database, project);
      return !state.hasInbox && !state.hasDue && !state.hasInFlight && !state.hasRetrying && state.success + state.failed > 0;
    };
    const pageOrders = (orders: FetchOrder[]) => orders.map(({ taskid }) => taskid).filter((taskid) => taskid !== "_on_get_info");

    test("every page that is linked is crawled once and stored once", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, ({ taskid }) => {
        const number = Number(taskid);
        const links = [number * 2, number * 2 + 1, Math.ceil(number / 2)].filter((link) => link < 500);
        return { results: [JSON.stringify({ number })], follows: links.map((link) => follow(String(link))) };
      });
      startScheduler(queues);

      await addProject(store.database, "books");
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("1")] });
      await until("idle", isIdle("books"));

      const crawled = pageOrders(orders);
      assert.equal(crawled.length, 499);
      assert.equal(new Set(crawled).size, 499);
      const [row] = await store.database.query("select count(*)::int as rows, count(distinct taskid)::int as tasks from results");
      assert.deepEqual(row, { rows: 499, tasks: 499 });
      const { pending, success, failed } = await readRunState(store.database, "books");
      assert.deepEqual({ pending, success, failed }, { pending: 0, success: 499, failed: 0 });
    });

    test("the higher priority goes first, and a project's rate is kept", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, () => ({}));
      await addProject(store.database, "slow", { rate: 5, burst: 1 });
      const follows = [follow("low", { priority: -1 }), follow("high", { priority: 5 }), follow("middle"), follow("middle2")];
      await ask(store.database, { kind: "follows", project: "slow", follows });
      const started = Date.now();

      startScheduler(queues);
      await until("idle", isIdle("slow"));

      assert.deepEqual(pageOrders(orders), ["high", "middle", "middle2", "low"]);
      assert.ok(Date.now() - started >= 600, "three refills at 5 a second take 600 ms");
    });

    test("a failed task is tried again after its delays and then given up", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, ({ taskid }) => (taskid === "_on_get_info" ? {} : { fails: true }));
      startScheduler(queues, { defaultRetryDelaysSeconds: [0] });

      await addProject(store.database, "broken");
      await ask(store.database, { kind: "follows", project: "broken", follows: [follow("a", { retries: 2 })] });
      await until("idle", isIdle("broken"));

      assert.deepEqual(
        orders.filter(({ taskid }) => taskid === "a").map(({ retried }) => retried),
        [0, 1, 2],
      );
      const [task] = await store.database.query("select status, queue from tasks where taskid = 'a'");
      assert.deepEqual(task, { status: 3, queue: null });
    });

    test("a script that could not be asked what it says of itself is asked again within seconds", async () => {
      const queues = createMemoryQueues();
      let isAsked = false;
      const orders = startPipeline(queues, ({ taskid }) => {
        const fails = taskid === "_on_get_info" && !isAsked;
        isAsked = true;
        return { fails };
      });
      startScheduler(queues);

      await addProject(store.database, "books");
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("a")] });
      await until("idle", isIdle("books"));

      assert.deepEqual(
        orders.map(({ taskid }) => taskid),
        ["_on_get_info", "_on_get_info", "a"],
      );
    });

    test("pages that fail for ever do not pause their project at the end of its crawl; new ones that all fail do", async () => {
      const queues = createMemoryQueues();
      startPipeline(queues, ({ taskid }) => (taskid.startsWith("bad") ? { fails: true } : {}));
      startScheduler(queues, { defaultRetryDelaysSeconds: [0], failuresToPause: 6 });
      const pausedUntil = async () => {
        const [row] = await store.database.query<{ until: number }>("select paused_until as until from projects where name = 'books'");
        return row?.until ?? 0;
      };

      await addProject(store.database, "books");
      const few = ["bad1", "bad2", "bad3", "bad4", "bad5"].map((taskid) => follow(taskid));
      await ask(store.database, { kind: "follows", project: "books", follows: few });
      await until("idle", isIdle("books"));
      assert.equal(await pausedUntil(), 0);

      await ask(store.database, { kind: "follows", project: "books", follows: [follow("bad6"), follow("bad7"), follow("bad8")] });
      await until("paused", async () => (await pausedUntil()) > 0);
    });

    test("what was in flight when a scheduler ended is put again under a new attempt, and the old one is refused", async () => {
      const queues = createMemoryQueues();
      let isDeaf = true;
      const orders = startPipeline(queues, ({ taskid }) => (isDeaf && taskid === "a" ? undefined : { results: ['"new"'] }));
      const first = startScheduler(queues);
      await addProject(store.database, "books");
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("a")] });
      await until("in flight", () => pageOrders(orders).length === 1);

      await first.end();
      isDeaf = false;
      startScheduler(queues);
      await until("idle", isIdle("books"));

      const attempts = orders.filter(({ taskid }) => taskid === "a").map(({ attempt }) => attempt);
      assert.equal(attempts.length, 2);
      assert.ok((attempts[1] ?? 0) > (attempts[0] ?? 0));
      assert.deepEqual(await store.database.query("select taskid, result from results"), [{ taskid: "a", result: "new" }]);
    });

    test("a queue server that comes back empty costs nothing but time", async () => {
      const queues = createMemoryQueues();
      let isDeaf = true;
      const orders = startPipeline(queues, ({ taskid }) => (isDeaf && taskid !== "_on_get_info" ? undefined : {}));
      startScheduler(queues);
      await addProject(store.database, "books");
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("a"), follow("b")] });
      await until("in flight", () => pageOrders(orders).length === 2);

      isDeaf = false;
      await queues.put([], { to: 0 });
      await until("idle", isIdle("books"));

      assert.deepEqual(pageOrders(orders).sort(), ["a", "a", "b", "b"]);
    });

    test("the loss is noticed when more is put before anyone has looked", async () => {
      const queues = createMemoryQueues();
      let isDeaf = true;
      const orders = startPipeline(queues, ({ taskid }) => (isDeaf && taskid !== "_on_get_info" ? undefined : {}));
      startScheduler(queues);
      await addProject(store.database, "books");
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("a")] });
      await until("in flight", () => pageOrders(orders).length === 1);

      isDeaf = false;
      await queues.put([], { to: 0 });
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("b")] });
      await queues.put([{ queue: "status_queue", message: { kind: "poke" } }]);
      await until("idle", isIdle("books"));

      assert.deepEqual(pageOrders(orders).sort(), ["a", "a", "b"]);
    });

    test("only one of two schedulers acts; the other takes over when it ends, and an old epoch can change nothing", async () => {
      const queues = createMemoryQueues();
      startPipeline(queues, () => ({}));
      const first = startScheduler(queues, { holder: "first" });
      await until("first schedules", async () => (await holder()) === "first");
      startScheduler(queues, { holder: "second" });
      const [before] = await store.database.query<{ epoch: number }>("select epoch from scheduler_lease");
      assert.equal(await takeLease(store.database, "third", 1_000), undefined);

      await first.end();
      await until("second schedules", async () => (await holder()) === "second", 5_000);

      assert.equal(await fence(store.database, before?.epoch ?? 0), false);
    });

    test("onFinished runs once after everything else, and again after the next run", async () => {
      const queues = createMemoryQueues();
      const info = { fetchDefaults: {}, every: [], hasOnFinished: true };
      const orders = startPipeline(queues, ({ taskid }) => ({
        info,
        follows: taskid === "on_start" ? [follow("a"), follow("b")] : [],
      }));
      startScheduler(queues);
      await addProject(store.database, "books");
      const start = { kind: "follows", project: "books", follows: [follow("on_start", { forceUpdate: true })] };
      const finished = () => pageOrders(orders).filter((taskid) => taskid === "on_finished").length;

      await ask(store.database, start);
      await until("finished", () => finished() === 1);
      assert.deepEqual(pageOrders(orders).at(-1), "on_finished");
      await until("idle", isIdle("books"));
      await ask(store.database, start);
      await until("finished again", () => finished() === 2);

      await until("idle", isIdle("books"));
      assert.equal(finished(), 2);
    });

    test("a forced request for a task in flight runs when that has ended", async () => {
      const queues = createMemoryQueues();
      let asked = false;
      const orders = startPipeline(queues, () => (asked ? {} : undefined));
      startScheduler(queues);
      await addProject(store.database, "books");
      const request = { kind: "follows", project: "books", follows: [follow("on_start", { forceUpdate: true })] };
      await ask(store.database, request);
      asked = true;
      await until("once", isIdle("books"));
      asked = false;
      await ask(store.database, request);
      await until("twice", () => pageOrders(orders).length === 2);

      await ask(store.database, request);
      await until("postponed", async () => (await store.database.query("select 1 from tasks where postponed is not null")).length === 1);
      asked = true;
      // The deaf pipeline lost the second order: its successor comes with the next term.
      await stop.pop()?.();
      startScheduler(queues);
      await until("idle", isIdle("books"));

      assert.equal(pageOrders(orders).length, 4);
    });

    for (const [decorator, times] of [
      ["@every", { every: [{ callback: "poll", seconds: 1 }] }],
      ["@cron", { every: [], cron: [{ callback: "poll", expression: "* * * * * *", timeZone: "Europe/Berlin" }] }],
    ] as const) {
      test(`every tick of ${decorator} becomes one task, also across a takeover`, async () => {
        const queues = createMemoryQueues();
        const info = {
          fetchDefaults: {},
          hasOnFinished: false,
          every: [...times.every],
          ...("cron" in times ? { cron: [...times.cron] } : {}),
        };
        const orders = startPipeline(queues, () => ({ info }));
        const first = startScheduler(queues);
        await addProject(store.database, "poller");
        // A tick that was in flight when the first scheduler ended is handed out again: the same task.
        const ticks = () => [
          ...new Set(orders.filter(({ process }) => process.callback === "poll").map(({ save }) => (save as { tick: number }).tick)),
        ];
        await until("two ticks", () => ticks().length >= 2);

        await first.end();
        startScheduler(queues);
        await until("five ticks", () => ticks().length >= 5);

        const [start = 0] = ticks();
        assert.deepEqual(
          ticks(),
          ticks().map((_, index) => start + index),
        );
      });
    }

    test("a clock that is put back by an hour stops nothing", async (context) => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, () => ({}));
      startScheduler(queues);
      await addProject(store.database, "books");
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("a")] });
      await until("one page", () => pageOrders(orders).length === 1);

      const now = Date.now.bind(Date);
      context.mock.method(Date, "now", () => now() - 3_600_000);
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("b")] });
      await until("the next page", () => pageOrders(orders).length === 2, 10_000);
    });

    test("a script that was not there when its task left goes along with the next", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, () => ({}));
      let isThere = false;
      const { database } = store;
      // As when another has been saved and the scheduler has not heard of it yet.
      const query = (text: string, params?: unknown[]) =>
        text.startsWith("select compiled") && !isThere ? Promise.resolve([]) : database.query(text, params);
      startScheduler(
        queues,
        {},
        {
          query: query as Database["query"],
          exec: (text) => database.exec(text),
          transaction: (work) => database.transaction(work),
          close: () => database.close(),
        },
      );
      await addProject(database, "books");
      await until("its script is asked", () => orders.length === 1);
      const before = await queues.getScript("hash");

      isThere = true;
      await ask(database, { kind: "follows", project: "books", follows: [follow("a")] });
      await until("its page has left", () => orders.length === 2);

      assert.deepEqual([before, await queues.getScript("hash")], [undefined, ""]);
    });

    test("a message between projects runs onMessage there, each once", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, ({ taskid }) =>
        taskid === "a" ? { messages: [1, 2].map((message) => ({ project: "reader", url: "data:,x", message })) } : {},
      );
      startScheduler(queues);
      await addProject(store.database, "writer");
      await addProject(store.database, "reader");

      await ask(store.database, { kind: "follows", project: "writer", follows: [follow("a")] });
      const received = () => orders.filter(({ process }) => process.callback === "onMessage");
      await until("received", () => received().length === 2);

      assert.deepEqual(
        received().map(({ project, save }) => ({ project, save })),
        [
          { project: "reader", save: { project: "writer", message: 1, url: "data:,x" } },
          { project: "reader", save: { project: "writer", message: 2, url: "data:,x" } },
        ],
      );
    });

    test("a message to a project that is known to take none is dropped, whoever sends it", async () => {
      const queues = createMemoryQueues();
      const info = { fetchDefaults: {}, every: [], hasOnFinished: false, takesMessages: false };
      const orders = startPipeline(queues, ({ taskid }) => ({
        info,
        ...(taskid === "a" ? { messages: [{ project: "deaf", url: "data:,x", message: 1 }] } : {}),
      }));
      startScheduler(queues);
      await addProject(store.database, "deaf");
      await until("it has said so", () => orders.some(({ taskid }) => taskid === "_on_get_info"));

      const sent = messageTask("rest", { project: "", message: 2, url: "data:,x" });
      await ask(store.database, { kind: "follows", project: "deaf", follows: [sent, follow("a")] });
      await until("its page has been", () => pageOrders(orders).length === 1);
      await ask(store.database, { kind: "follows", project: "deaf", follows: [follow("b")] });
      await until("and the next", () => pageOrders(orders).length === 2);

      assert.deepEqual(pageOrders(orders), ["a", "b"]);
      assert.deepEqual(await store.database.query("select 1 from tasks where starts_with(taskid, '_on_message')"), []);

      // A new script may take what the old one did not.
      await store.database.query("update projects set script_hash = 'newer'");
      await ask(store.database, { kind: "project", project: "deaf" });
      await ask(store.database, { kind: "follows", project: "deaf", follows: [sent] });
      await until("it is there", () => pageOrders(orders).includes(sent.taskid));
    });

    test("a deleted project leaves no row behind, and its late outcome changes nothing", async () => {
      const queues = createMemoryQueues();
      const orders = startPipeline(queues, ({ taskid }) => (taskid === "late" ? undefined : { results: ["1"] }));
      startScheduler(queues);
      await addProject(store.database, "gone");
      await ask(store.database, { kind: "follows", project: "gone", follows: [follow("a"), follow("late")] });
      await until("stored", async () => (await store.database.query("select 1 from results")).length === 1 && orders.length === 3);

      await requestDelete(store.database, "gone");
      await until("deleted", async () => (await store.database.query("select 1 from tasks union all select 1 from chores")).length === 0);

      for (const table of ["tasks", "results", "project_totals", "counters"]) {
        assert.deepEqual(await store.database.query(`select * from ${table}`), [], table);
      }
    });

    test("a project that is put again before its deletion was handled is a new one", async () => {
      const queues = createMemoryQueues();
      await addProject(store.database, "books", { hash: "old" });
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("a")] });

      await requestDelete(store.database, "books");
      await addProject(store.database, "books", { hash: "new" });
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("b")] });
      const orders = startPipeline(queues, () => ({}));
      startScheduler(queues);
      await until("idle", isIdle("books"));

      assert.deepEqual(
        orders.filter(({ taskid }) => !taskid.startsWith("_")).map(({ taskid, scriptHash }) => `${taskid} ${scriptHash}`),
        ["b new"],
      );
    });

    async function holder(): Promise<string | undefined> {
      const [row] = await store.database.query<{ holder: string }>("select holder from scheduler_lease where expires > now()");
      return row?.holder;
    }
  });
}
