import assert from "node:assert/strict";
import { test } from "node:test";
import { readRunState } from "../../services/cli/run-state.ts";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import { addProject, ask } from "../fixtures/database.ts";
import { follow } from "../fixtures/pipeline.ts";
import { describeScheduler, pageOrders } from "../fixtures/scheduler-suite.ts";
import { until } from "../fixtures/until.ts";

describeScheduler("the scheduler", (suite) => {
  const { startScheduler, startPipeline, isIdle } = suite;

  test("every linked page is crawled once and stored once", async () => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, ({ taskid }) => {
      const number = Number(taskid);
      const links = [number * 2, number * 2 + 1, Math.ceil(number / 2)].filter((link) => link < 500);
      return { results: [JSON.stringify({ number })], follows: links.map((link) => follow(String(link))) };
    });
    startScheduler(queues);

    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("1")] });
    await until("idle", isIdle("books"));

    const crawled = pageOrders(orders);
    assert.equal(crawled.length, 499);
    assert.equal(new Set(crawled).size, 499);
    const [row] = await suite.store.database.query("select count(*)::int as rows, count(distinct taskid)::int as tasks from results");
    assert.deepEqual(row, { rows: 499, tasks: 499 });
    const { pending, success, failed } = await readRunState(suite.store.database, "books");
    assert.deepEqual({ pending, success, failed }, { pending: 0, success: 499, failed: 0 });
  });

  test("of a page with more links than one statement inserts, each is a task, once", async () => {
    const queues = createMemoryQueues();
    const later = { exetime: 4e9 };
    const links = Array.from({ length: 2_500 }, (_, n) => follow(`link${n % 2_000}`, later));
    startPipeline(queues, ({ taskid }) => (taskid === "list" ? { follows: links } : {}));
    startScheduler(queues);

    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("list")] });
    await until("taken in", async () => (await readRunState(suite.store.database, "books")).pending === 2_000);

    const [row] = await suite.store.database.query("select count(*)::int as tasks from tasks where taskid like 'link%'");
    assert.deepEqual(row, { tasks: 2_000 });
  });

  test("a project with maxPages gets so many pages, and the links beyond are counted", async () => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, ({ taskid }) => {
      if (taskid === "_on_get_info") return { info: { fetchDefaults: {}, every: [], hasOnFinished: false, maxPages: 5 } };
      const number = Number(taskid);
      return { follows: [number * 2, number * 2 + 1, 1].map((link) => follow(String(link))), skipped: { exclude: 2 } };
    });
    startScheduler(queues);

    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("1")] });
    await until("idle", isIdle("books"));

    assert.deepEqual(pageOrders(orders).sort(), ["1", "2", "3", "4", "5"]);
    const [row] = await suite.store.database.query("select skipped from project_totals where project = 'books'");
    assert.deepEqual(row, { skipped: { maxPages: 6, exclude: 10 } });
  });

  test("tasks of a higher priority are dispatched first, at the project's rate", async () => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, () => ({}));
    await addProject(suite.store.database, "slow", { rate: 5, burst: 1 });
    const follows = [follow("low", { priority: -1 }), follow("high", { priority: 5 }), follow("middle"), follow("middle2")];
    await ask(suite.store.database, { kind: "follows", project: "slow", follows });
    const started = Date.now();

    startScheduler(queues);
    await until("idle", isIdle("slow"));

    assert.deepEqual(pageOrders(orders), ["high", "middle", "middle2", "low"]);
    assert.ok(Date.now() - started >= 600, "three refills at 5 a second take 600 ms");
  });

  test("a failed task is retried after its delays, and fails after its last retry", async () => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, ({ taskid }) => (taskid === "_on_get_info" ? {} : { fails: true }));
    startScheduler(queues, { defaultRetryDelaysSeconds: [0] });

    await addProject(suite.store.database, "broken");
    await ask(suite.store.database, { kind: "follows", project: "broken", follows: [follow("a", { retries: 2 })] });
    await until("idle", isIdle("broken"));

    assert.deepEqual(
      orders.filter(({ taskid }) => taskid === "a").map(({ retried }) => retried),
      [0, 1, 2],
    );
    const [task] = await suite.store.database.query("select status, queue from tasks where taskid = 'a'");
    assert.deepEqual(task, { status: 3, queue: null });
  });

  test("reading a script's declarations is retried within seconds", async () => {
    const queues = createMemoryQueues();
    let isAsked = false;
    const orders = startPipeline(queues, ({ taskid }) => {
      const fails = taskid === "_on_get_info" && !isAsked;
      isAsked = true;
      return { fails, code: "E_SANDBOX" };
    });
    startScheduler(queues);

    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("a")] });
    await until("idle", isIdle("books"));

    assert.deepEqual(
      orders.map(({ taskid }) => taskid),
      ["_on_get_info", "_on_get_info", "a"],
    );
  });

  test("a script whose declarations are wrong is said at once, and asked no second time", async () => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, ({ taskid }) => ({ fails: taskid === "_on_get_info" }));
    startScheduler(queues);
    const scriptError = async () => (await readRunState(suite.store.database, "books")).scriptError;

    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("a")] });
    const began = Date.now();
    await until("the error is known", async () => (await scriptError()) !== null);

    assert.ok(Date.now() - began < 1_000);
    assert.deepEqual(
      orders.map(({ taskid }) => taskid),
      ["_on_get_info"],
    );
  });

  test("a known URL that is requested with another callback or fetchType stays as it is, and the request is counted", async () => {
    const queues = createMemoryQueues();
    const other = (name: string) => ({ ...follow(name), process: { callback: "other" } });
    const rendered = (name: string) => ({ ...follow(name), fetch: { fetchType: "js" as const } });
    const plain = (name: string) => ({ ...follow(name), fetch: { fetchType: "http" as const } });
    const orders = startPipeline(queues, ({ taskid }) => {
      if (taskid === "list") return { follows: ["1", "2", "3"].map((name) => follow(name)) };
      if (taskid === "2") return { follows: [other("1"), rendered("1"), plain("1"), follow("1"), other("4"), follow("late")] };
      return taskid === "late" ? { follows: [other("1"), other("4"), follow("4"), rendered("3")] } : {};
    });
    startScheduler(queues);

    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("list")] });
    await until("idle", isIdle("books"));

    assert.deepEqual(pageOrders(orders).sort(), ["1", "2", "3", "4", "late", "list"]);
    const [row] = await suite.store.database.query("select skipped from project_totals where project = 'books'");
    assert.deepEqual(row, { skipped: { otherCallback: 2, otherFetchType: 2 } });
  });

  test("repeated failures of the same pages do not pause their project, and failures of new pages do", async () => {
    const queues = createMemoryQueues();
    startPipeline(queues, ({ taskid }) => (taskid.startsWith("bad") ? { fails: true } : {}));
    startScheduler(queues, { defaultRetryDelaysSeconds: [0], failuresToPause: 6 });
    const pausedUntil = async () => {
      const [row] = await suite.store.database.query<{ until: number }>("select paused_until as until from projects where name = 'books'");
      return row?.until ?? 0;
    };

    await addProject(suite.store.database, "books");
    const few = ["bad1", "bad2", "bad3", "bad4", "bad5"].map((taskid) => follow(taskid));
    await ask(suite.store.database, { kind: "follows", project: "books", follows: few });
    await until("idle", isIdle("books"));
    assert.equal(await pausedUntil(), 0);

    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("bad6"), follow("bad7"), follow("bad8")] });
    await until("paused", async () => (await pausedUntil()) > 0);
  });

  test("a forced request for a task in flight runs after that task has ended", async () => {
    const queues = createMemoryQueues();
    let asked = false;
    const orders = startPipeline(queues, () => (asked ? {} : undefined));
    const first = startScheduler(queues);
    await addProject(suite.store.database, "books");
    const request = { kind: "follows", project: "books", follows: [follow("on_start", { forceUpdate: true })] };
    await ask(suite.store.database, request);
    asked = true;
    await until("once", isIdle("books"));
    asked = false;
    await ask(suite.store.database, request);
    await until("twice", () => pageOrders(orders).length === 2);

    await ask(suite.store.database, request);
    await until(
      "postponed",
      async () => (await suite.store.database.query("select 1 from tasks where postponed is not null")).length === 1,
    );
    asked = true;
    // The deaf pipeline lost the second order: its successor comes with the next term.
    await first.end();
    startScheduler(queues);
    await until("idle", isIdle("books"));

    assert.equal(pageOrders(orders).length, 4);
  });

  test("crawling continues after the clock is set back by an hour", async (context) => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, () => ({}));
    startScheduler(queues);
    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("a")] });
    await until("one page", () => pageOrders(orders).length === 1);

    const now = Date.now.bind(Date);
    context.mock.method(Date, "now", () => now() - 3_600_000);
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("b")] });
    await until("the next page", () => pageOrders(orders).length === 2, 10_000);
  });
});
