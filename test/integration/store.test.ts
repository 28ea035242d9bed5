import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { FetchOrder, Outcome } from "../../services/core/protocol/messages.ts";
import { migrate } from "../../services/core/store/migrate.ts";
import { getProject, putProject, requestDelete } from "../../services/core/store/projects.ts";
import { storeOutcomes } from "../../services/result-worker/results.ts";
import { addBulkOperation, type BulkOperation, clearSome, restartFailed } from "../../services/scheduler/store/bulk-operations.ts";
import { tidyCounters } from "../../services/scheduler/store/scheduler-projects.ts";
import {
  ALL_DUE,
  type DueRange,
  dispatchDue,
  endTasks,
  insertTasks,
  postponeFollows,
  prepareRerun,
  restartTasks,
  returnInFlight,
  type TaskEnd,
  type TaskRow,
  wakeWaiting,
} from "../../services/scheduler/store/scheduling.ts";
import { readCounters } from "../../services/webui/store/counter-queries.ts";
import { getTask } from "../../services/webui/store/task-queries.ts";
import { addProject, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { type Answer, toOutcome } from "../fixtures/pipeline.ts";
import { until } from "../fixtures/until.ts";
import { addResults } from "../fixtures/webui.ts";

const NOW = 1_000_000;

for (const { engine, skip, open } of ENGINES) {
  describe(`the store on ${engine}`, { skip }, () => {
    let store: TestDatabase;
    before(async () => {
      store = await open();
    });
    after(() => store[Symbol.asyncDispose]());
    beforeEach(async () => {
      await store.reset();
      await addProject(store.database, "books");
    });

    const row = (taskid: string, fields: Partial<TaskRow> = {}): TaskRow => ({
      project: "books",
      taskid,
      url: `http://site.test/${taskid}`,
      queue: 1,
      priority: 0,
      exetime: 0,
      schedule: {},
      fetch: {},
      process: { callback: "page" },
      ...fields,
    });

    async function inFlight(taskid: string): Promise<number> {
      await insertTasks(store.database, [row(taskid)], NOW);
      const [task] = await dispatchDue(store.database, [{ project: "books", count: 1, ...ALL_DUE }], NOW + 60);
      assert.equal(task?.taskid, taskid);
      return task?.attempt ?? 0;
    }

    function outcome(taskid: string, attempt: number, run: string, answer: Answer): Outcome {
      const order = { project: "books", taskid, attempt, url: "http://site.test/", process: { callback: "page" } };
      return toOutcome({ ...order, fetch: {}, scriptHash: "hash", debug: false, retried: 0 } satisfies FetchOrder, answer, run);
    }

    const taskEnd = ({ project, taskid, attempt, fetch, process }: Outcome): TaskEnd => ({
      ...{ project, taskid, attempt, status: 2, queue: null, exetime: 0, retried: 0, hasStored: false, lastcrawltime: NOW },
      track: { fetch, process, scriptHash: "hash" },
    });

    const results = () => store.database.query("select taskid, index, result from results order by taskid, index");

    test("a change is checked against the project's state when the change is written", async () => {
      const { database } = store;
      const refuseIfLocked = ({ group }: { group: string }) => assert.notEqual(group, "lock", "locked");
      const put = await database.transaction(async (sql) => {
        await sql.query(`update projects set "group" = 'lock' where name = 'books'`);
        const limits = { rate: 5, burst: 5 };
        const waiting = assert.rejects(
          putProject(database, "books", { changes: limits, defaults: limits, check: refuseIfLocked }),
          /locked/,
        );
        const waits = async () => (await sql.query("select 1 from pg_locks where not granted")).length > 0;
        if (engine === "Postgres") await until("it waits for the row", waits);
        return { waiting };
      });

      await put.waiting;
      await assert.rejects(requestDelete(database, "books", refuseIfLocked), /locked/);
      assert.equal((await getProject(database, "books"))?.rate, 1e9);
    });

    test("the first run of an attempt is stored, the same run again changes nothing, and another run is refused", async () => {
      const attempt = await inFlight("a");

      const first = await storeOutcomes(store.database, [outcome("a", attempt, "run1", { results: ['"one"'] })], NOW);
      const again = await storeOutcomes(store.database, [outcome("a", attempt, "run1", { results: ['"one"'] })], NOW);
      const other = await storeOutcomes(store.database, [outcome("a", attempt, "run2", { fails: true })], NOW);

      assert.deepEqual([first, again, other], [[true], [true], [false]]);
      assert.deepEqual(await results(), [{ taskid: "a", index: 0, result: "one" }]);
    });

    test("if one batch has two runs of an attempt, the first is stored", async () => {
      const attempt = await inFlight("a");
      const batch = [outcome("a", attempt, "run1", { results: ["1"] }), outcome("a", attempt, "run2", { results: ["2"] })];

      assert.deepEqual(await storeOutcomes(store.database, batch, NOW), [true, false]);

      assert.deepEqual(await results(), [{ taskid: "a", index: 0, result: 1 }]);
    });

    test("outcomes of an older attempt or a deleted task are refused", async () => {
      const attempt = await inFlight("a");

      const stale = [outcome("a", attempt - 1, "run1", { results: ["1"] }), outcome("gone", attempt, "run1", { results: ["1"] })];
      const current = outcome("a", attempt, "run9", { results: ["9"] });

      assert.deepEqual(await storeOutcomes(store.database, stale, NOW), [false, false]);
      assert.deepEqual(await storeOutcomes(store.database, [current], NOW), [true]);
      assert.deepEqual(await results(), [{ taskid: "a", index: 0, result: 9 }]);
    });

    test("a later run replaces all rows of its task, and a failed run keeps them", async () => {
      const first = await inFlight("a");
      await storeOutcomes(store.database, [outcome("a", first, "run1", { results: ["1", "2", "3"] })], NOW);
      await returnInFlight(store.database);
      const [second] = await dispatchDue(store.database, [{ project: "books", count: 1, ...ALL_DUE }], NOW + 60);
      await storeOutcomes(store.database, [outcome("a", second?.attempt ?? 0, "run2", { results: ["4"] })], NOW);
      await returnInFlight(store.database);
      const [third] = await dispatchDue(store.database, [{ project: "books", count: 1, ...ALL_DUE }], NOW + 60);
      await storeOutcomes(store.database, [outcome("a", third?.attempt ?? 0, "run3", { fails: true })], NOW);

      assert.deepEqual(await results(), [{ taskid: "a", index: 0, result: 4 }]);
    });

    test("a run that stores the same result again keeps the time of its change and its place, and another result moves", async () => {
      const attempt = await inFlight("a");
      await storeOutcomes(store.database, [outcome("a", attempt, "run1", { results: ["1", "2"] })], NOW);
      await returnInFlight(store.database);
      const [second] = await dispatchDue(store.database, [{ project: "books", count: 1, ...ALL_DUE }], NOW + 60);
      await storeOutcomes(store.database, [outcome("a", second?.attempt ?? 0, "run2", { results: ["1", "3"] })], NOW + 60);

      const rows = await store.database.query("select index, changed, updatetime from results order by ordinal");
      assert.deepEqual(rows, [
        { index: 0, changed: NOW, updatetime: NOW + 60 },
        { index: 1, changed: NOW + 60, updatetime: NOW + 60 },
      ]);
      assert.deepEqual(
        await store.database.query("select 1 from results a join results b on a.ordinal < b.ordinal where a.index > b.index"),
        [],
      );
    });

    test("results of messages about one URL replace each other; results without a URL are separate", async () => {
      for (const [id, url] of [
        ["1", "data:,a"],
        ["2", "data:,b"],
        ["3", "data:,a"],
        ["4", "data:,on_message"],
        ["5", "data:,on_message"],
      ] as const) {
        const attempt = await inFlight(`_on_message_${id}`);
        const done = { ...outcome(`_on_message_${id}`, attempt, "run", { results: [id] }), url };
        await storeOutcomes(store.database, [done], NOW);
      }

      const stored = await store.database.query<{ result: number; url: string }>("select url, result from results order by ordinal");
      assert.deepEqual(stored, [
        { url: "data:,b", result: 2 },
        { url: "data:,a", result: 3 },
        { url: "data:,on_message", result: 4 },
        { url: "data:,on_message", result: 5 },
      ]);
    });

    test("if one batch has two messages about a URL, the last one counts", async () => {
      const [first, second] = [await inFlight("_on_message_1"), await inFlight("_on_message_2")];
      const batch = [
        { ...outcome("_on_message_1", first, "run1", { results: ["1", "1"] }), url: "data:,a" },
        { ...outcome("_on_message_2", second, "run2", { results: ["2"] }), url: "data:,a" },
      ];

      assert.deepEqual(await storeOutcomes(store.database, batch, NOW), [true, true]);

      assert.deepEqual(await store.database.query("select index, result from results"), [{ index: 0, result: 2 }]);
    });

    test("any JSON is stored unchanged, with NUL, lone surrogates and 16 KiB of text", async () => {
      const attempt = await inFlight("a");
      const odd = { nul: "a\u0000b", lone: "\ud800", long: "ü".repeat(8_192), deep: [[[{}]]] };

      await storeOutcomes(store.database, [outcome("a", attempt, "run1", { results: [JSON.stringify(odd)] })], NOW);

      const [stored] = await store.database.query<{ result: string }>("select result::text as result from results");
      assert.deepEqual(JSON.parse(stored?.result ?? ""), odd);
    });

    test("values that a script saves for tasks are stored unchanged, with NUL and lone surrogates", async () => {
      const odd = { nul: "a\u0000b", lone: "\ud800", "\u0000\udc00": [null, "\\u0000"] };
      await insertTasks(store.database, [row("a", { save: odd }), row("b")], NOW);
      const [task] = await dispatchDue(store.database, [{ project: "books", count: 1, ...ALL_DUE }], NOW + 60);
      const attempt = task?.attempt ?? 0;
      const follow = { project: "books", taskid: "a", url: "http://site.test/a", process: { callback: "page" }, save: odd };
      const ended = outcome("a", attempt, "run1", { fetch: { etag: "\u0000" }, stored: odd });

      await postponeFollows(store.database, [follow]);
      const [end] = await endTasks(store.database, [{ ...taskEnd(ended), hasStored: true, stored: odd }], NOW);
      const kept = await getTask(store.database, "books", "a");
      await restartTasks(store.database, [row("a", { save: [odd] })], NOW);

      assert.deepEqual(end, { attempt, postponed: follow });
      assert.deepEqual([task?.save, kept?.save, kept?.stored, kept?.track?.fetch], [odd, odd, odd, ended.fetch]);
      assert.deepEqual((await getTask(store.database, "books", "a"))?.save, [odd]);
    });

    test("a dead letter is stored once with its evidence", async () => {
      const attempt = await inFlight("a");
      const dead = { queue: "fetcher2processor", deliveries: 5, reason: "killed its worker" };

      await storeOutcomes(store.database, [outcome("a", attempt, "run1", { fails: true, dead })], NOW);
      await storeOutcomes(store.database, [outcome("a", attempt, "run1", { fails: true, dead })], NOW);

      assert.deepEqual(await store.database.query("select taskid, evidence from dead_letters"), [{ taskid: "a", evidence: dead }]);
    });

    test("due tasks are selected by priority, then by arrival; waiting tasks when their time has come", async () => {
      const tasks = [row("low", { priority: -1 }), row("first"), row("second"), row("urgent", { priority: 3 })];
      await insertTasks(store.database, [...tasks, row("later", { queue: 2, exetime: NOW + 10 })], NOW);

      const early = await wakeWaiting(store.database, { after: 0, now: NOW + 9 }, 10);
      const taken = await dispatchDue(store.database, [{ project: "books", count: 10, ...ALL_DUE }], NOW + 60);
      const late = await wakeWaiting(store.database, { after: 0, now: NOW + 10 }, 10);

      assert.deepEqual(
        taken.map(({ taskid }) => taskid),
        ["urgent", "first", "second", "low"],
      );
      assert.deepEqual([early, late], [[], [{ project: "books", priority: 0, count: 1 }]]);
    });

    test("due tasks are selected from the given levels, then from all lower levels", async () => {
      const rows = [3, 3, 1, 2, 2, 2, 0].map((priority, index) => row(`${priority}#${index}`, { priority }));
      await insertTasks(store.database, rows, NOW);
      const [place] = await store.database.query<{ ordinal: number }>("select ordinal from tasks where taskid = '2#3'");
      const dispatch = async (count: number, range: DueRange) => {
        const taken = await dispatchDue(store.database, [{ project: "books", count, ...range }], NOW + 60);
        return taken.map(({ taskid }) => taskid);
      };

      assert.deepEqual(await dispatch(1, { levels: [{ priority: 2, ordinal: place?.ordinal ?? 0 }], below: 1 }), ["2#4"]);
      assert.deepEqual(await dispatch(9, { levels: [{ priority: 2, ordinal: place?.ordinal ?? 0 }], below: 1 }), ["2#5", "0#6"]);
      assert.deepEqual(await dispatch(9, { levels: [{ priority: 3, ordinal: 0 }], below: null }), ["3#0", "3#1"]);
      assert.deepEqual(await dispatch(9, ALL_DUE), ["2#3", "1#2"]);
    });

    test("a step of a clear removes a limited number of rows, and the next step continues after them", async () => {
      await addProject(store.database, "films");
      for (const project of ["books", "films"]) {
        await insertTasks(
          store.database,
          ["a", "b", "c", "d", "e"].map((taskid) => row(taskid, { project })),
          NOW,
        );
        await addResults(store.database, project, 3);
      }
      const left: string[] = [];

      let bulkOperation: BulkOperation | undefined = await addBulkOperation(store.database, "books", "clear");
      while (bulkOperation) {
        bulkOperation = await clearSome(store.database, bulkOperation, 2);
        left.push(await countRows("books"));
      }

      assert.deepEqual(left, ["3 3", "1 3", "0 3", "0 1", "0 0", "0 0", "0 0", "0 0"]);
      assert.equal(await countRows("films"), "5 3");
    });

    test("a step restarts a limited number of failed tasks and messages, but no ticks and no tasks that did not fail", async () => {
      const failed = ["a", "_every_poll_60", "c", "_on_message_1_0", "d"];
      await insertTasks(
        store.database,
        [...failed, "success"].map((taskid) => row(taskid)),
        NOW,
      );
      await store.database.query("update tasks set status = 3, queue = null, retried = 3 where taskid <> 'success'");
      await store.database.query("update tasks set status = 2, queue = null where taskid = 'success'");
      const bulkOperation = await addBulkOperation(store.database, "books", "rerun");

      const first = await restartFailed(store.database, bulkOperation, { limit: 3, now: NOW });
      const second = await restartFailed(store.database, { ...bulkOperation, doneTo: first.at(-1) ?? "" }, { limit: 3, now: NOW });

      assert.equal(first.length, 3);
      assert.deepEqual([...first, ...second].sort(), ["_on_message_1_0", "a", "c", "d"]);
      const due = await store.database.query<{ taskid: string }>("select taskid from tasks where status = 1 and queue = 1 and retried = 0");
      assert.equal(due.length, 4);
    });

    test("a task that is to run again loses its last run's data, unless it is in flight", async () => {
      await insertTasks(store.database, [row("done"), row("busy")], NOW);
      await store.database.query(`update tasks set track = '{"scriptHash":"hash"}', queue = case taskid when 'busy' then 3 end`);

      const tasks = await prepareRerun(
        store.database,
        ["done", "busy", "unknown"].map((taskid) => ({ project: "books", taskid })),
      );

      assert.deepEqual(tasks.map(({ taskid }) => taskid).sort(), ["busy", "done"]);
      assert.deepEqual(await store.database.query("select taskid, track from tasks order by taskid"), [
        { taskid: "busy", track: { scriptHash: "hash" } },
        { taskid: "done", track: null },
      ]);
    });

    async function countRows(project: string): Promise<string> {
      const [counts] = await store.database.query<{ tasks: number; results: number }>(
        `select (select count(*)::int from tasks where project = $1) as tasks, (select count(*)::int from results where project = $1) as results`,
        [project],
      );
      return `${counts?.tasks} ${counts?.results}`;
    }

    test("an outcome is applied once, and only to its own attempt", async () => {
      const attempt = await inFlight("a");
      const end = taskEnd(outcome("a", attempt, "r", {}));

      const applied = [];
      for (const wrong of [1, 0, 0]) applied.push((await endTasks(store.database, [{ ...end, attempt: attempt + wrong }], NOW)).length);

      assert.deepEqual(applied, [0, 1, 0]);
    });

    test("a day of counters is tidied to 250 windows a project, with the same sums but for the first minute of an hour and ten of a day", async () => {
      const now = 1_764_454_491;
      await store.scheduler.query(
        "insert into counters select 'books', at, 1, 2, 3, 4, 5, 6 from generate_series($1::bigint - 86400, $1, 10) at",
        [now - (now % 10)],
      );
      const before = await readCounters(store.database, now);

      for (let minute = 60; minute >= 0; minute--) await tidyCounters(store.scheduler, now - minute * 60);

      const [rows] = await store.database.query<{ count: number }>("select count(*) from counters");
      const after = await readCounters(store.database, now);
      const missing = (window: "1h" | "1d") => ((before.books?.[window].success ?? 0) - (after.books?.[window].success ?? 0)) / 2;
      assert.ok(rows && rows.count <= 250, `${rows?.count} windows`);
      assert.deepEqual(after.books?.["5m"], before.books?.["5m"]);
      assert.ok(missing("1h") >= 0 && missing("1h") <= 6, `${missing("1h")} of an hour's windows are missing`);
      assert.ok(missing("1d") >= 0 && missing("1d") <= 60, `${missing("1d")} of a day's windows are missing`);
    });

    test("a failed transaction changes nothing", async () => {
      const failing = store.database.transaction(async (sql) => {
        await insertTasks(sql, [row("a")], NOW);
        throw new Error("stop here");
      });

      await assert.rejects(failing, /stop here/);
      assert.deepEqual(await store.database.query("select 1 from tasks"), []);
    });

    test("a transaction fails with the error of its first failed statement", async () => {
      const failing = store.database.transaction(async (sql) => {
        sql.query("select 1 / 0").catch(() => {});
        await sql.query("select 1");
      });

      await assert.rejects(failing, { code: "22012" });
      assert.deepEqual(await store.database.query("select 1 as one"), [{ one: 1 }]);
    });

    test("of two transactions that block each other one is repeated, and both succeed", async () => {
      await addProject(store.database, "films");
      const bothHold = Promise.withResolvers<void>();
      let attempts = 0;
      const change = (first: string, second: string) =>
        store.database.transaction(async (sql) => {
          await sql.query("update projects set comments = comments || '+' where name = $1", [first]);
          if (++attempts === 2) bothHold.resolve();
          await bothHold.promise;
          await sql.query("update projects set comments = comments || '+' where name = $1", [second]);
        });

      await Promise.all([change("books", "films"), change("films", "books")]);

      assert.equal(attempts, 3);
      assert.deepEqual(await store.database.query("select comments from projects"), [{ comments: "++" }, { comments: "++" }]);
    });

    test("a transaction that is rolled back five times fails", async () => {
      let attempts = 0;
      const failing = store.database.transaction(async (sql) => {
        attempts++;
        await sql.exec("do $$ begin raise exception 'again' using errcode = '40001'; end $$");
      });

      await assert.rejects(failing, { code: "40001" });
      assert.equal(attempts, 5);
    });

    test("a schema that is newer than the code is refused with its version", async () => {
      await store.database.query("insert into migrations (id) values (999)");

      await assert.rejects(migrate(store.database), { code: "E_SCHEMA_TOO_NEW", message: /999/ });

      await store.database.query("delete from migrations where id = 999");
      await migrate(store.database);
    });
  });
}
