/** Pages that a project keeps: stored with a run, taken by a rerun in place of a fetch, and removed within the project's limits. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, beforeEach, describe, test } from "node:test";
import { packPage } from "../../services/core/protocol/kept-page.ts";
import type { FetchOrder } from "../../services/core/protocol/messages.ts";
import { pruneKeptPages } from "../../services/scheduler/store/kept-pages.ts";
import { addProject, ask, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { type Answer, follow } from "../fixtures/pipeline.ts";
import { openScheduling } from "../fixtures/scheduling.ts";
import { until } from "../fixtures/until.ts";

const NOW = 1_000_000_000;
const DAY = 86_400;

const pack = async (content: Uint8Array) =>
  (await packPage({ url: "http://a.test/", origUrl: "http://a.test/", statusCode: 200, headers: {}, cookies: {}, content, timeMs: 1 })) ??
  "";

for (const { engine, skip, open } of ENGINES) {
  describe(`kept pages on ${engine}`, { skip }, () => {
    let store: TestDatabase;
    before(async () => {
      store = await open();
    });
    beforeEach(() => store.reset());
    after(() => store[Symbol.asyncDispose]());

    const query = (text: string) => store.database.query(text);
    const addKeeper = async (mib: number, days: number) => {
      await query(`insert into projects (name, status, script_hash, rate, burst, keep_pages_mib, keep_pages_days)
        values ('books', 'RUNNING', 'hash', 1e9, 1e9, ${mib}, ${days})`);
      await ask(store.database, { kind: "project", project: "books" });
    };
    const addPages = (rows: string) => query(`insert into kept_pages (project, taskid, page, bytes, time) ${rows}`);
    const left = async () => (await query("select taskid from kept_pages order by taskid")).map(({ taskid }) => taskid);

    /** In one statement, so that it sees one moment. */
    const hasEnded = (count: number) => async () => {
      const [row] = await query(`select (select count(*) from tasks where status in (2, 3) and not starts_with(taskid, '_')) as ended,
        (select count(*) from chores) + (select count(*) from inbox) as open`);
      return row?.ended === count && row.open === 0;
    };

    /** Crawls these tasks of a project that keeps pages, and hands over to `act`. */
    async function crawled(names: string[], answer: (order: FetchOrder) => Answer, act: (orders: FetchOrder[]) => Promise<void>) {
      await addKeeper(100, 1);
      await using scheduling = openScheduling(store, answer);
      scheduling.startScheduler();
      await ask(store.database, { kind: "follows", project: "books", follows: names.map((name) => follow(name)) });
      await until("crawled", hasEnded(names.length));
      scheduling.orders.splice(0);
      await act(scheduling.orders);
    }
    test("orders of a project that keeps pages say so, and orders of others do not", async () => {
      await addProject(store.database, "others");
      await addKeeper(100, 1);
      await using scheduling = openScheduling(store, () => ({}));
      scheduling.startScheduler();
      for (const project of ["books", "others"]) await ask(store.database, { kind: "follows", project, follows: [follow("a")] });
      await until("both", async () => scheduling.pages().length === 2);

      const pages = scheduling.orders.filter(({ taskid }) => taskid === "a");
      assert.deepEqual(pages.map(({ project, keepsPage }) => [project, keepsPage]).sort(), [
        ["books", true],
        ["others", undefined],
      ]);
    });

    test("a page is kept with its run, and one of a later run replaces it", async () => {
      const [one, two] = [await pack(Buffer.from("one")), await pack(Buffer.from("two"))];
      let page = one;
      await crawled(
        ["a"],
        () => ({ keptPage: page }),
        async () => {
          const keeps = async (text: string) =>
            (await query(`select 1 from kept_pages where page = decode('${text}', 'base64')`)).length === 1;
          assert.ok(await keeps(one));
          page = two;
          await ask(store.database, { kind: "rerun", project: "books", taskid: "a" });
          await until("kept again", () => keeps(two));
        },
      );
    });

    test("selected tasks run again from their kept pages, those without one are fetched, and a later rerun fetches", async () => {
      const kept = await pack(Buffer.from("kept"));
      const answer = ({ taskid, keptPage }: FetchOrder): Answer => (taskid === "with" && !keptPage ? { keptPage: kept } : {});
      await crawled(["with", "without"], answer, async (orders) => {
        const rerun = { kind: "rerunSelected", project: "books", selection: { callback: "page" } };
        await ask(store.database, { ...rerun, keptPages: true });
        await until("run again", async () => orders.length === 2 && (await hasEnded(2)()));
        const first = new Map(orders.map(({ taskid, keptPage }) => [taskid, keptPage]));
        orders.splice(0);
        await ask(store.database, { ...rerun, keptPages: false });
        await until("run again", async () => orders.length === 2 && (await hasEnded(2)()));

        assert.deepEqual([first.get("with"), first.get("without")], [kept, undefined]);
        assert.deepEqual(new Set(orders.map(({ keptPage }) => keptPage)), new Set([undefined]));
      });
    });

    test("a selection takes ended tasks by callback, code of the error and part of the URL", async () => {
      const answer = ({ taskid }: FetchOrder): Answer => (taskid.startsWith("bad") ? { fails: true, code: "E_PRICE" } : {});
      await addProject(store.database, "books");
      await using scheduling = openScheduling(store, answer);
      scheduling.startScheduler();
      const follows = ["bad1", "bad2", "good1", "good_2"].map((name) => follow(name, { retries: 0 }));
      await ask(store.database, { kind: "follows", project: "books", follows });
      await until("crawled", hasEnded(4));
      const rerun = async (selection: object) => {
        const from = scheduling.pages().length;
        await ask(store.database, { kind: "rerunSelected", project: "books", selection, keptPages: false });
        await until("over", async () => await hasEnded(4)());
        return scheduling.pages().slice(from).sort();
      };

      assert.deepEqual(await rerun({ code: "E_PRICE" }), ["bad1", "bad2"]);
      assert.deepEqual(await rerun({ url: "site.test/*1" }), ["bad1", "good1"]);
      assert.deepEqual(await rerun({ url: "d_" }), ["good_2"]);
      assert.deepEqual(await rerun({ callback: "other" }), []);
      assert.deepEqual(await rerun({}), ["bad1", "bad2", "good1", "good_2"]);
    });

    test("kept pages that do not fit into one round are sent in later rounds, each task once", async () => {
      const large = await pack(randomBytes(400_000));
      const names = Array.from({ length: 25 }, (_, index) => `large${index}`);
      await crawled(
        names,
        ({ keptPage }) => (keptPage ? {} : { keptPage: large }),
        async (orders) => {
          await ask(store.database, { kind: "rerunSelected", project: "books", selection: {}, keptPages: true });
          await until("run again", async () => orders.length >= names.length && (await hasEnded(names.length)()));

          assert.deepEqual(orders.map(({ taskid }) => taskid).sort(), names.toSorted());
          assert.ok(orders.every(({ keptPage }) => keptPage === large));
        },
      );
    });

    test("the oldest pages are removed once a project has more than it keeps, and pages that are too old", async () => {
      await addKeeper(1, 2);
      await addPages(`select 'books', 'p' || n, 'x', ${2 ** 19}, ${NOW} - n from generate_series(1, 4) n`);
      await addPages(`values ('books', 'old', 'x', 1, ${NOW - 2 * DAY - 1})`);

      assert.equal(await pruneKeptPages(store.scheduler, "", NOW), "books");
      assert.deepEqual(await left(), ["p1", "p2"]);
    });

    test("all pages of a project that keeps none any more, or that is gone, are removed", async () => {
      await addProject(store.database, "books");
      await addPages(`values ('books', 'a', 'x', 1, ${NOW}), ('gone', 'b', 'x', 1, ${NOW})`);

      const first = await pruneKeptPages(store.scheduler, "", NOW);
      const second = await pruneKeptPages(store.scheduler, first ?? "", NOW);

      assert.deepEqual([first, second, await pruneKeptPages(store.scheduler, "gone", NOW)], ["books", "gone", undefined]);
      assert.deepEqual(await left(), []);
    });

    test("clearing a project removes its kept pages", async () => {
      await crawled(
        ["a"],
        () => ({ keptPage: "KLUv/SAAAQAA" }),
        async () => {
          assert.deepEqual(await left(), ["a"]);
          await ask(store.database, { kind: "clear", project: "books" });
          await until(
            "cleared",
            async () => (await query("select 1 from tasks union all select 1 from chores union all select 1 from inbox")).length === 0,
          );

          assert.deepEqual(await left(), []);
        },
      );
    });
  });
}
