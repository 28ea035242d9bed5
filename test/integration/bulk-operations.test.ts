/** What users ask for that touches many tasks: applied once, in steps, also when schedulers die in between. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { readRunState } from "../../services/cli/run-state.ts";
import { INFO_TASKID } from "../../services/core/protocol/task.ts";
import { STEP_ROWS } from "../../services/scheduler/bulk-operations.ts";
import { addProject, ask, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { follow } from "../fixtures/pipeline.ts";
import { openScheduling } from "../fixtures/scheduling.ts";
import { until } from "../fixtures/until.ts";

/** Several steps of a bulk operation. */
const MANY = 4_500;

for (const { engine, skip, open } of ENGINES) {
  describe(`bulk operations on ${engine}`, { skip }, () => {
    let store: TestDatabase;
    before(async () => {
      store = await open();
    });
    beforeEach(() => store.reset());
    after(() => store[Symbol.asyncDispose]());

    const query = (text: string) => store.database.query(text);
    const none = (text: string) => async () => (await query(text)).length === 0;
    const isOver = (project: string) => async () => {
      const state = await readRunState(store.database, project);
      return (
        !state.hasInbox && !state.hasDue && !state.hasInFlight && !state.hasAwaited && (await query("select 1 from chores")).length === 0
      );
    };
    const addTasks = (project: string, fields: string) =>
      store.database.exec(
        `insert into tasks (project, taskid, url, status, queue, process, updatetime)
           select '${project}', 'old' || n, 'http://site.test/' || n, ${fields}, '{"callback":"page"}', 1 from generate_series(1, ${MANY}) as n;
         insert into project_totals (project, pending, success, failed) values ('${project}', 0, 0, ${MANY})
           on conflict (project) do update set failed = excluded.failed`,
      );

    test("clearing a project keeps only its script, and later outcomes of tasks that were in flight change nothing", async () => {
      await using scheduling = openScheduling(store, ({ taskid }) => (taskid === "late" ? undefined : { results: ["1"] }));
      scheduling.startScheduler();
      await addProject(store.database, "books");
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("a"), follow("late")] });
      await until(
        "in flight and stored",
        async () => scheduling.pages().length === 2 && (await query("select 1 from results")).length === 1,
      );

      await ask(store.database, { kind: "clear", project: "books" });
      await until("cleared", none("select 1 from tasks union all select 1 from results union all select 1 from chores"));

      const state = await readRunState(store.database, "books");
      assert.partialDeepStrictEqual(state, { pending: 0, success: 0, failed: 0 });
      assert.deepEqual(await query("select name, status, script_hash from projects"), [
        { name: "books", status: "RUNNING", script_hash: "hash" },
      ]);
    });

    test("requests for a project during a clear are applied after the clear", async () => {
      await using scheduling = openScheduling(store, () => ({ results: ["1"] }));
      await addProject(store.database, "books");
      await addTasks("books", "2, null");

      await ask(store.database, { kind: "clear", project: "books" });
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("old1"), follow("new")] });
      scheduling.startScheduler();
      await until("run", async () => scheduling.pages().length === 2 && (await isOver("books")()));

      assert.deepEqual(scheduling.pages().sort(), ["new", "old1"]);
      assert.deepEqual(await query("select taskid from tasks where not starts_with(taskid, '_') order by taskid"), [
        { taskid: "new" },
        { taskid: "old1" },
      ]);
      assert.partialDeepStrictEqual(await readRunState(store.database, "books"), { pending: 0, success: 2, failed: 0 });
    });

    test("a scheduler that takes over continues a clear, and messages wait for its end", async () => {
      const message = { project: "books", url: "data:,x", message: "hello" };
      await using scheduling = openScheduling(store, ({ taskid }) => (taskid === "sender" ? { messages: [message] } : {}));
      for (const name of ["books", "writer"]) await addProject(store.database, name);
      await addTasks("books", "2, null");
      await query("insert into chores (project, kind, done_to) values ('books', 'clear', '')");
      await ask(store.database, { kind: "follows", project: "writer", follows: [follow("sender")] });

      scheduling.startScheduler();
      await until("received", () => scheduling.orders.some(({ process }) => process.callback === "onMessage"));
      await until("over", isOver("books"));

      assert.equal(scheduling.orders.filter(({ process }) => process.callback === "onMessage").length, 1);
      assert.deepEqual(await query("select 1 from tasks where project = 'books' and starts_with(taskid, 'old')"), []);
    });

    test("all failed tasks of a project become due again without delaying other projects", async () => {
      const steps: number[] = [];
      const countFailed = async () => (await query("select 1 from tasks where project = 'books' and status = 3")).length;
      await using scheduling = openScheduling(store, () => ({}));
      await addProject(store.database, "books", { rate: 0 });
      await addProject(store.database, "other");
      await addTasks("books", "3, null");
      await ask(store.database, { kind: "rerunFailed", project: "books" });
      await ask(store.database, { kind: "follows", project: "other", follows: [follow("quick")] });

      scheduling.startScheduler();
      await until("done", async () => {
        steps.push(await countFailed());
        return scheduling.pages().length > 0 && (await query("select 1 from chores union all select 1 from inbox")).length === 0;
      });

      assert.equal(await countFailed(), 0);
      assert.ok(
        steps.every((count) => count % STEP_ROWS.rerun === MANY % STEP_ROWS.rerun || count === 0),
        `step by step: ${steps}`,
      );
      assert.deepEqual(scheduling.pages(), ["quick"]);
      assert.partialDeepStrictEqual(await readRunState(store.database, "books"), { success: 0, failed: 0 });
      assert.equal((await query("select 1 from tasks where project = 'books' and queue = 1 and retried = 0")).length, MANY);
    });

    test("a task can run again in any state; a request for an unknown task changes nothing", async () => {
      let fails = true;
      await using scheduling = openScheduling(store, ({ taskid }) => ({ fails: fails && taskid === "bad" }));
      scheduling.startScheduler({ defaultRetryDelaysSeconds: [3_600] });
      await addProject(store.database, "books");
      await ask(store.database, { kind: "follows", project: "books", follows: [follow("good"), follow("bad", { priority: 7 })] });
      const [good, bad] = ["good", "bad"].map((taskid) => ({ kind: "rerun", project: "books", taskid }));
      await until(
        "once",
        async () => (await query("select 1 from tasks where track is not null and queue is distinct from 3")).length === 3,
      );

      fails = false;
      for (const request of [good, bad, { ...bad, taskid: "unknown" }]) await ask(store.database, request as object);
      await until("twice", async () => scheduling.pages().length === 4 && (await isOver("books")()));

      assert.deepEqual(scheduling.pages().sort(), ["bad", "bad", "good", "good"]);
      assert.deepEqual(await query("select taskid, status, priority from tasks where not starts_with(taskid, '_') order by taskid"), [
        { taskid: "bad", status: 2, priority: 7 },
        { taskid: "good", status: 2, priority: 0 },
      ]);
      assert.partialDeepStrictEqual(await readRunState(store.database, "books"), { pending: 0, success: 2, failed: 0 });
    });

    test("a stopped project with `delete` in its group is deleted after its time; running, locked and other projects stay", async () => {
      await using scheduling = openScheduling(store, () => ({}));
      for (const name of ["gone", "runs", "locked", "kept"]) await addProject(store.database, name);
      await addTasks("gone", "2, null");
      await query(`update projects set "group" = 'old, DELETE', updatetime = now() - interval '1 hour' where name <> 'kept'`);
      await query(`update projects set "group" = 'lock, delete' where name = 'locked'`);
      await query("update projects set status = 'STOP' where name <> 'runs'");

      scheduling.startScheduler({ deleteSeconds: 60 });
      await until("gone", none("select 1 from tasks where project = 'gone' union all select 1 from chores"));

      assert.deepEqual(await query("select name from projects order by name"), [{ name: "kept" }, { name: "locked" }, { name: "runs" }]);
    });

    test("a paused project runs again when its script changes", async () => {
      let fails = true;
      await using scheduling = openScheduling(store, ({ taskid }) => ({ fails: fails && taskid !== INFO_TASKID }));
      scheduling.startScheduler({ failuresToPause: 2, defaultRetryDelaysSeconds: [0] });
      await addProject(store.database, "books");
      await ask(store.database, {
        kind: "follows",
        project: "books",
        follows: [follow("a", { retries: 100 }), follow("b", { retries: 100 })],
      });
      await until("paused", async () => (await query("select 1 from projects where paused_until > 0")).length === 1);

      fails = false;
      await query("update projects set script_hash = 'fixed'");
      await ask(store.database, { kind: "project", project: "books" });
      await until("done", async () => (await query("select 1 from tasks where taskid = 'a' and status = 2")).length === 1);

      assert.deepEqual(await query("select paused_until from projects"), [{ paused_until: 0 }]);
    });
  });
}
