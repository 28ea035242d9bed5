import assert from "node:assert/strict";
import { test } from "node:test";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import type { Database } from "../../services/core/store/sql.ts";
import { fence, takeLease } from "../../services/scheduler/store/scheduler-lease.ts";
import { addProject, ask } from "../fixtures/database.ts";
import { follow } from "../fixtures/pipeline.ts";
import { describeScheduler, pageOrders } from "../fixtures/scheduler-suite.ts";
import { until } from "../fixtures/until.ts";

describeScheduler("the scheduler's terms", (suite) => {
  const { startScheduler, startPipeline, isIdle } = suite;

  test("tasks in flight at the end of a scheduler are dispatched again under a new attempt, and outcomes of the old attempt are refused", async () => {
    const queues = createMemoryQueues();
    let isDeaf = true;
    const orders = startPipeline(queues, ({ taskid }) => (isDeaf && taskid === "a" ? undefined : { results: ['"new"'] }));
    const first = startScheduler(queues);
    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("a")] });
    await until("in flight", () => pageOrders(orders).length === 1);

    await first.end();
    isDeaf = false;
    startScheduler(queues);
    await until("idle", isIdle("books"));

    const attempts = orders.filter(({ taskid }) => taskid === "a").map(({ attempt }) => attempt);
    assert.equal(attempts.length, 2);
    assert.ok((attempts[1] ?? 0) > (attempts[0] ?? 0));
    assert.deepEqual(await suite.store.database.query("select taskid, result from results"), [{ taskid: "a", result: "new" }]);
  });

  test("all tasks are crawled after the queue server was emptied", async () => {
    const queues = createMemoryQueues();
    let isDeaf = true;
    const orders = startPipeline(queues, ({ taskid }) => (isDeaf && taskid !== "_on_get_info" ? undefined : {}));
    startScheduler(queues);
    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("a"), follow("b")] });
    await until("in flight", () => pageOrders(orders).length === 2);

    isDeaf = false;
    await queues.put([], { to: 0 });
    await until("idle", isIdle("books"));

    assert.deepEqual(pageOrders(orders).sort(), ["a", "a", "b", "b"]);
  });

  test("the scheduler detects an emptied queue server when it puts the next orders", async () => {
    const queues = createMemoryQueues();
    let isDeaf = true;
    const orders = startPipeline(queues, ({ taskid }) => (isDeaf && taskid !== "_on_get_info" ? undefined : {}));
    startScheduler(queues);
    await addProject(suite.store.database, "books");
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("a")] });
    await until("in flight", () => pageOrders(orders).length === 1);

    isDeaf = false;
    await queues.put([], { to: 0 });
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("b")] });
    await queues.put([{ queue: "status_queue", message: { kind: "poke" } }]);
    await until("idle", isIdle("books"));

    assert.deepEqual(pageOrders(orders).sort(), ["a", "a", "b"]);
  });

  test("only one of two schedulers works, the other takes over when it ends, and an old epoch changes nothing", async () => {
    const queues = createMemoryQueues();
    startPipeline(queues, () => ({}));
    const first = startScheduler(queues, { holder: "first" });
    await until("first schedules", async () => (await holder()) === "first");
    startScheduler(queues, { holder: "second" });
    const [before] = await suite.store.database.query<{ epoch: number }>("select epoch from scheduler_lease");
    assert.equal(await takeLease(suite.store.database, "third", 1_000), undefined);

    await first.end();
    await until("second schedules", async () => (await holder()) === "second", 5_000);

    assert.equal(await fence(suite.store.database, before?.epoch ?? 0), false);
  });

  test("a script that was missing at one dispatch is stored with the next", async () => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, () => ({}));
    let isThere = false;
    const { database } = suite.store;
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

  async function holder(): Promise<string | undefined> {
    const [row] = await suite.store.database.query<{ holder: string }>("select holder from scheduler_lease where expires > now()");
    return row?.holder;
  }
});
