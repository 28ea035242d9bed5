import assert from "node:assert/strict";
import { test } from "node:test";
import { messageTask } from "../../services/core/protocol/message-task.ts";
import { createMemoryQueues } from "../../services/core/queue/memory.ts";
import { requestDelete } from "../../services/core/store/projects.ts";
import { addProject, ask } from "../fixtures/database.ts";
import { follow } from "../fixtures/pipeline.ts";
import { describeScheduler, pageOrders } from "../fixtures/scheduler-suite.ts";
import { until } from "../fixtures/until.ts";

describeScheduler("the scheduler's own tasks, messages and deletion", (suite) => {
  const { startScheduler, startPipeline, isIdle } = suite;

  test("onFinished runs once after all other tasks, and again after the next run", async () => {
    const queues = createMemoryQueues();
    const info = { fetchDefaults: {}, every: [], hasOnFinished: true };
    const orders = startPipeline(queues, ({ taskid }) => ({
      info,
      follows: taskid === "on_start" ? [follow("a"), follow("b")] : [],
    }));
    startScheduler(queues);
    await addProject(suite.store.database, "books");
    const start = { kind: "follows", project: "books", follows: [follow("on_start", { forceUpdate: true })] };
    const finished = () => pageOrders(orders).filter((taskid) => taskid === "on_finished").length;

    await ask(suite.store.database, start);
    await until("finished", () => finished() === 1);
    assert.deepEqual(pageOrders(orders).at(-1), "on_finished");
    await until("idle", isIdle("books"));
    await ask(suite.store.database, start);
    await until("finished again", () => finished() === 2);

    await until("idle", isIdle("books"));
    assert.equal(finished(), 2);
  });

  for (const [decorator, times] of [
    ["@every", { every: [{ callback: "poll", seconds: 1 }] }],
    ["@cron", { every: [], cron: [{ callback: "poll", expression: "* * * * * *", timeZone: "Europe/Berlin" }] }],
  ] as const) {
    test(`every tick of ${decorator} becomes one task, even during a takeover`, async () => {
      const queues = createMemoryQueues();
      const info = {
        fetchDefaults: {},
        hasOnFinished: false,
        every: [...times.every],
        ...("cron" in times ? { cron: [...times.cron] } : {}),
      };
      const orders = startPipeline(queues, () => ({ info }));
      const first = startScheduler(queues);
      await addProject(suite.store.database, "poller");
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

  test("each message between projects runs onMessage of its receiver once", async () => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, ({ taskid }) =>
      taskid === "a" ? { messages: [1, 2].map((message) => ({ project: "reader", url: "data:,x", message })) } : {},
    );
    startScheduler(queues);
    await addProject(suite.store.database, "writer");
    await addProject(suite.store.database, "reader");

    await ask(suite.store.database, { kind: "follows", project: "writer", follows: [follow("a")] });
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

  test("a message to a project without onMessage is dropped for every sender", async () => {
    const queues = createMemoryQueues();
    const info = { fetchDefaults: {}, every: [], hasOnFinished: false, takesMessages: false };
    const orders = startPipeline(queues, ({ taskid }) => ({
      info,
      ...(taskid === "a" ? { messages: [{ project: "deaf", url: "data:,x", message: 1 }] } : {}),
    }));
    startScheduler(queues);
    await addProject(suite.store.database, "deaf");
    await until("it has said so", () => orders.some(({ taskid }) => taskid === "_on_get_info"));

    const sent = messageTask("rest", { project: "", message: 2, url: "data:,x" });
    await ask(suite.store.database, { kind: "follows", project: "deaf", follows: [sent, follow("a")] });
    await until("its page has been", () => pageOrders(orders).length === 1);
    await ask(suite.store.database, { kind: "follows", project: "deaf", follows: [follow("b")] });
    await until("and the next", () => pageOrders(orders).length === 2);

    assert.deepEqual(pageOrders(orders), ["a", "b"]);
    assert.deepEqual(await suite.store.database.query("select 1 from tasks where starts_with(taskid, '_on_message')"), []);

    // A new script may take what the old one did not.
    await suite.store.database.query("update projects set script_hash = 'newer'");
    await ask(suite.store.database, { kind: "project", project: "deaf" });
    await ask(suite.store.database, { kind: "follows", project: "deaf", follows: [sent] });
    await until("it is there", () => pageOrders(orders).includes(sent.taskid));
  });

  test("a deletion removes all rows of a project, and a late outcome changes nothing", async () => {
    const queues = createMemoryQueues();
    const orders = startPipeline(queues, ({ taskid }) => (taskid === "late" ? undefined : { results: ["1"] }));
    startScheduler(queues);
    await addProject(suite.store.database, "gone");
    await ask(suite.store.database, { kind: "follows", project: "gone", follows: [follow("a"), follow("late")] });
    await until("stored", async () => (await suite.store.database.query("select 1 from results")).length === 1 && orders.length === 3);

    await requestDelete(suite.store.database, "gone");
    await until(
      "deleted",
      async () => (await suite.store.database.query("select 1 from tasks union all select 1 from chores")).length === 0,
    );

    for (const table of ["tasks", "results", "project_totals", "counters"]) {
      assert.deepEqual(await suite.store.database.query(`select * from ${table}`), [], table);
    }
  });

  test("a project that is saved again before its deletion was applied starts without the old tasks", async () => {
    const queues = createMemoryQueues();
    await addProject(suite.store.database, "books", { hash: "old" });
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("a")] });

    await requestDelete(suite.store.database, "books");
    await addProject(suite.store.database, "books", { hash: "new" });
    await ask(suite.store.database, { kind: "follows", project: "books", follows: [follow("b")] });
    const orders = startPipeline(queues, () => ({}));
    startScheduler(queues);
    await until("idle", isIdle("books"));

    assert.deepEqual(
      orders.filter(({ taskid }) => !taskid.startsWith("_")).map(({ taskid, scriptHash }) => `${taskid} ${scriptHash}`),
      ["b new"],
    );
  });
});
