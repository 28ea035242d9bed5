import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import type { FetchOrder, Outcome } from "../../services/core/messages.ts";
import { migrate } from "../../services/core/store/migrate.ts";
import { storeOutcomes } from "../../services/core/store/results.ts";
import { dispatchDue, endTasks, insertTasks, returnInFlight, type TaskRow, wakeWaiting } from "../../services/core/store/scheduling.ts";
import { addProject, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { type Answer, toOutcome } from "../fixtures/pipeline.ts";

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
      const [task] = await dispatchDue(store.database, [{ project: "books", count: 1 }], NOW + 60);
      assert.equal(task?.taskid, taskid);
      return task?.attempt ?? 0;
    }

    function outcome(taskid: string, attempt: number, run: string, answer: Answer): Outcome {
      const order = { project: "books", taskid, attempt, url: "http://site.test/", process: { callback: "page" } };
      return toOutcome({ ...order, fetch: {}, scriptHash: "hash", debug: false, retried: 0 } satisfies FetchOrder, answer, run);
    }

    const results = () => store.database.query("select taskid, index, result from results order by taskid, index");

    test("the first run of an attempt is stored, the same run again changes nothing, another run is refused", async () => {
      const attempt = await inFlight("a");

      const first = await storeOutcomes(store.database, [outcome("a", attempt, "run1", { results: ['"one"'] })], NOW);
      const again = await storeOutcomes(store.database, [outcome("a", attempt, "run1", { results: ['"one"'] })], NOW);
      const other = await storeOutcomes(store.database, [outcome("a", attempt, "run2", { fails: true })], NOW);

      assert.deepEqual([first, again, other], [[true], [true], [false]]);
      assert.deepEqual(await results(), [{ taskid: "a", index: 0, result: "one" }]);
    });

    test("two runs of one attempt in one batch leave the first", async () => {
      const attempt = await inFlight("a");
      const batch = [outcome("a", attempt, "run1", { results: ["1"] }), outcome("a", attempt, "run2", { results: ["2"] })];

      assert.deepEqual(await storeOutcomes(store.database, batch, NOW), [true, false]);

      assert.deepEqual(await results(), [{ taskid: "a", index: 0, result: 1 }]);
    });

    test("an outcome of an older attempt, or of a task that is gone, is refused", async () => {
      const attempt = await inFlight("a");

      const stale = [outcome("a", attempt - 1, "run1", { results: ["1"] }), outcome("gone", attempt, "run1", { results: ["1"] })];
      const current = outcome("a", attempt, "run9", { results: ["9"] });

      assert.deepEqual(await storeOutcomes(store.database, stale, NOW), [false, false]);
      assert.deepEqual(await storeOutcomes(store.database, [current], NOW), [true]);
      assert.deepEqual(await results(), [{ taskid: "a", index: 0, result: 9 }]);
    });

    test("a later run replaces all rows of its task, and a failed one keeps them", async () => {
      const first = await inFlight("a");
      await storeOutcomes(store.database, [outcome("a", first, "run1", { results: ["1", "2", "3"] })], NOW);
      await returnInFlight(store.database);
      const [second] = await dispatchDue(store.database, [{ project: "books", count: 1 }], NOW + 60);
      await storeOutcomes(store.database, [outcome("a", second?.attempt ?? 0, "run2", { results: ["4"] })], NOW);
      await returnInFlight(store.database);
      const [third] = await dispatchDue(store.database, [{ project: "books", count: 1 }], NOW + 60);
      await storeOutcomes(store.database, [outcome("a", third?.attempt ?? 0, "run3", { fails: true })], NOW);

      assert.deepEqual(await results(), [{ taskid: "a", index: 0, result: 4 }]);
    });

    test("any JSON survives, with NUL, lone surrogates and 16 KiB of text", async () => {
      const attempt = await inFlight("a");
      const odd = { nul: "a\u0000b", lone: "\ud800", long: "ü".repeat(8_192), deep: [[[{}]]] };

      await storeOutcomes(store.database, [outcome("a", attempt, "run1", { results: [JSON.stringify(odd)] })], NOW);

      const [stored] = await store.database.query<{ result: string }>("select result::text as result from results");
      assert.deepEqual(JSON.parse(stored?.result ?? ""), odd);
    });

    test("a dead letter is kept once with its evidence", async () => {
      const attempt = await inFlight("a");
      const dead = { queue: "fetcher2processor", deliveries: 5, reason: "killed its worker" };

      await storeOutcomes(store.database, [outcome("a", attempt, "run1", { fails: true, dead })], NOW);
      await storeOutcomes(store.database, [outcome("a", attempt, "run1", { fails: true, dead })], NOW);

      assert.deepEqual(await store.database.query("select taskid, evidence from dead_letters"), [{ taskid: "a", evidence: dead }]);
    });

    test("due tasks leave by priority, then in the order they came; waiting ones when their time has come", async () => {
      const tasks = [row("low", { priority: -1 }), row("first"), row("second"), row("urgent", { priority: 3 })];
      await insertTasks(store.database, [...tasks, row("later", { queue: 2, exetime: NOW + 10 })], NOW);

      const early = await wakeWaiting(store.database, NOW + 9, 10);
      const taken = await dispatchDue(store.database, [{ project: "books", count: 10 }], NOW + 60);
      const late = await wakeWaiting(store.database, NOW + 10, 10);

      assert.deepEqual(
        taken.map(({ taskid }) => taskid),
        ["urgent", "first", "second", "low"],
      );
      assert.deepEqual([early, late], [[], ["books"]]);
    });

    test("an outcome is applied to its own attempt only, and once", async () => {
      const attempt = await inFlight("a");
      const end = (wrong: number) => ({
        project: "books",
        taskid: "a",
        attempt: attempt + wrong,
        status: 2 as const,
        queue: null,
        exetime: 0,
        retried: 0,
        track: { ...outcome("a", attempt, "r", {}), scriptHash: "hash" },
        hasStored: false,
        lastcrawltime: NOW,
      });

      const applied = [];
      for (const wrong of [1, 0, 0]) applied.push((await endTasks(store.database, [end(wrong)], NOW)).length);

      assert.deepEqual(applied, [0, 1, 0]);
    });

    test("a transaction that fails leaves nothing", async () => {
      const failing = store.database.transaction(async (sql) => {
        await insertTasks(sql, [row("a")], NOW);
        throw new Error("stop here");
      });

      await assert.rejects(failing, /stop here/);
      assert.deepEqual(await store.database.query("select 1 from tasks"), []);
    });

    test("a schema that is newer than the code is refused by name", async () => {
      await store.database.query("insert into migrations (id) values (999)");

      await assert.rejects(migrate(store.database), { code: "E_SCHEMA_TOO_NEW", message: /999/ });

      await store.database.query("delete from migrations where id = 999");
      await migrate(store.database);
    });
  });
}
