/** `./orb run --limit N`: the scheduler dispatches at most N pages. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import type { Sql } from "../../services/core/store/sql.ts";
import { PageBudget } from "../../services/scheduler/page-budget.ts";
import { addProject, ask, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { follow } from "../fixtures/pipeline.ts";
import { openScheduling } from "../fixtures/scheduling.ts";
import { until } from "../fixtures/until.ts";

const PAGES = ["1", "2", "3", "4", "5"];

for (const { engine, skip, open } of ENGINES) {
  describe(`a budget of pages on ${engine}`, { skip }, () => {
    let store: TestDatabase;
    before(async () => {
      store = await open();
    });
    afterEach(() => store.reset());
    after(() => store[Symbol.asyncDispose]());

    async function requestPages(...projects: string[]): Promise<void> {
      for (const project of projects) {
        await addProject(store.database, project);
        await ask(store.database, { kind: "follows", project, follows: PAGES.map((name) => follow(name)) });
      }
    }

    /** Tasks that were never dispatched. */
    async function countDue(): Promise<number> {
      const [row] = await store.database.query<{ count: number }>("select count(*) from tasks where queue = 1");
      return row?.count ?? 0;
    }

    test("two projects together get no more pages than the budget has", async () => {
      await using scheduling = openScheduling(store, () => ({}));
      const budget = new PageBudget(3);
      await requestPages("books", "news");

      scheduling.startScheduler({}, budget);
      await until("the budget is spent", () => budget.left === 0);
      await until("its pages are answered", async () => (await store.database.query("select 1 from tasks where queue = 3")).length === 0);

      assert.equal(scheduling.pages().length, 3);
      assert.equal(await countDue(), 7);
    });

    test("a round that is rolled back spends nothing, and the next term has the rest of the budget", async () => {
      let failures = 0;
      const failsOnce = async <T>(work: (sql: Sql) => Promise<T>, sql: Sql): Promise<T> => {
        const done = await work(sql);
        if (!hasPage(done) || failures++ > 0) return done;
        throw new Error("the connection was lost before the commit");
      };
      const { scheduler } = store;
      const failing: typeof scheduler = {
        query: (text, params) => scheduler.query(text, params),
        exec: (text) => scheduler.exec(text),
        transaction: (work) => scheduler.transaction((sql) => failsOnce(work, sql)),
        close: () => scheduler.close(),
      };
      await using scheduling = openScheduling({ database: store.database, scheduler: failing }, () => ({}));
      await requestPages("books");

      scheduling.startScheduler({}, new PageBudget(2));
      await until("the budget is spent", () => scheduling.pages().length === 2, 10_000);

      assert.equal(failures > 0, true);
      assert.equal(await countDue(), 3);
    });
  });
}

/** Whether a round has returned the order of a page. */
const hasPage = (orders: unknown): boolean =>
  Array.isArray(orders) && orders.some((order) => typeof order.url === "string" && order.url.startsWith("http"));
