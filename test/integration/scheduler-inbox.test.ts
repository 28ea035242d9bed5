/** Invalid rows of the inbox: none of them stops the scheduler, and a normal crawl continues. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { readSchedulerStatus } from "../../services/webui/store/scheduler-status.ts";
import { addProject, ask, ENGINES, type TestDatabase } from "../fixtures/database.ts";
import { follow } from "../fixtures/pipeline.ts";
import { openScheduling } from "../fixtures/scheduling.ts";
import { until } from "../fixtures/until.ts";

const task = { taskid: "t", url: "http://site.test/t", process: { callback: "page" } };
const follows = (...tasks: unknown[]) => JSON.stringify({ kind: "follows", project: "books", follows: tasks });
const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

/** JSON by what is wrong with it. */
const REJECTED: Record<string, string> = {
  "a number": "1",
  null: "null",
  "a text": '"clear"',
  "a list": "[]",
  "an empty object": "{}",
  "no kind": '{"project":"books"}',
  "an unknown kind": '{"kind":"drop","project":"books"}',
  "a kind with the name of an inherited property": '{"kind":"constructor","project":"books"}',
  "the kind __proto__": '{"kind":"__proto__","project":"books"}',
  "a kind that is a list": '{"kind":["clear"],"project":"books"}',
  "its parts in __proto__": '{"__proto__":{"kind":"clear","project":"books"}}',
  "no project": '{"kind":"clear"}',
  "a project that is a number": '{"kind":"project","project":5}',
  "a project that is an object": '{"kind":"delete","project":{"name":"books"}}',
  "a project with U+0000": '{"kind":"project","project":"bo\\u0000oks"}',
  "a project with half a surrogate pair": '{"kind":"project","project":"bo\\ud800oks"}',
  "a project of 10,000 characters": JSON.stringify({ kind: "project", project: "b".repeat(10_000) }),
  "a task to run again without its id": '{"kind":"rerun","project":"books"}',
  "a task to run again with U+0000 in its id": '{"kind":"rerun","project":"books","taskid":"\\u0000"}',
  "no follows": '{"kind":"follows","project":"books"}',
  "follows that are an object": '{"kind":"follows","project":"books","follows":{"length":1}}',
  "a follow that is null": follows(null),
  "a follow without a callback": follows({ ...task, process: {} }),
  "a follow without a URL": follows({ ...task, url: undefined }),
  "a URL with U+0000": follows({ ...task, url: "http://site.test/\0" }),
  "a taskid that is a number": follows({ ...task, taskid: 5 }),
  "a priority that is a text": follows({ ...task, schedule: { priority: "9" } }),
  "a priority above the number range": follows({ ...task, schedule: { priority: 9 } }).replace(":9", ":1e999"),
  "a schedule that is a list": follows({ ...task, schedule: [] }),
  "fetch options that are a text": follows({ ...task, fetch: "GET" }),
  "a body with U+0000": follows({ ...task, fetch: { data: "\0" } }),
  "half a surrogate pair in a header's name": follows({ ...task, fetch: { headers: { "\udfff": "x" } } }),
  "half a surrogate pair in a part that no process option has": follows({ ...task, process: { callback: "page", x: [{ y: ["\udfff"] }] } }),
  "values nested 1,000 levels deep": follows({ ...task, save: 0 }).replace('"save":0', `"save":${nested(1_000)}`),
  "two million values": follows({ ...task, save: 0 }).replace('"save":0', `"save":[${"0,".repeat(2_000_000)}0]`),
  "5 MiB of text": JSON.stringify({ kind: "project", project: "b".repeat(5 * 2 ** 20) }),
};

/** Odd, but requests: each becomes a task. */
const ACCEPTED: Record<string, string> = {
  "a priority of 1e308": follows({ ...task, taskid: "ok1", schedule: { priority: 1e308 } }),
  "a priority of -1e308 and a fraction": follows({ ...task, taskid: "ok2", schedule: { priority: -1e308, age: 0.5 } }),
  "retries of 1e308": follows({ ...task, taskid: "ok3", schedule: { retries: 1e308, age: -1e308 } }),
  "__proto__ and constructor as names": `{"kind":"follows","project":"books","follows":[{"taskid":"ok4","url":"u","process":{"callback":"page"},"save":{"__proto__":{"x":1},"constructor":1},"fetch":{"__proto__":{"method":"POST"}},"__proto__":{"cancel":true}}]}`,
  "U+0000 and half a surrogate pair in what a script keeps": follows({ ...task, taskid: "ok5", save: "\0\ud800" }),
  "values nested 150 levels deep": follows({ ...task, taskid: "ok6", save: 0 }).replace('"save":0', `"save":${nested(150)}`),
  "a URL of 1 MiB": follows({ ...task, taskid: "ok7", url: `http://site.test/${"u".repeat(2 ** 20)}` }),
  "a taskid with the name of an inherited property": follows({ ...task, taskid: "constructor" }),
  "half a surrogate pair in itag": follows({ ...task, taskid: "ok8", schedule: { itag: "\ud800", exetime: 0 } }),
  "a project that does not exist": '{"kind":"clear","project":"__proto__"}',
};

for (const { engine, skip, open } of ENGINES) {
  describe(`the inbox on ${engine}`, { skip }, () => {
    let store: TestDatabase;
    before(async () => {
      store = await open();
    });
    afterEach(() => store.reset());
    after(() => store[Symbol.asyncDispose]());
    const write = (json: string) => store.database.query("insert into inbox (request) values ($1::json)", [json]);
    const isEmpty = async () => (await store.database.query("select 1 from inbox limit 1")).length === 0;

    test("invalid rows are quarantined with their reason, and valid requests between them are applied", {
      timeout: 60_000,
    }, async () => {
      await using scheduling = openScheduling(store, () => ({}));
      await addProject(store.database, "books");
      for (const [index, json] of Object.values(REJECTED).entries()) {
        await write(json);
        await ask(store.database, { kind: "follows", project: "books", follows: [follow(`honest ${index}`)] });
      }
      scheduling.startScheduler();
      const wanted = Object.keys(REJECTED).map((_, index) => `honest ${index}`);
      await until("the honest pages have left", () => wanted.every((taskid) => scheduling.pages().includes(taskid)));
      await until("the inbox is empty", isEmpty);

      const kept = await store.database.query<{ request: string; reason: string }>(
        "select request, reason from rejected_requests order by id",
      );
      assert.deepEqual(
        kept.map(({ request }) => request),
        Object.values(REJECTED).map((json) => json.slice(0, 1_000)),
      );
      assert.deepEqual(
        kept.filter(({ reason }) => reason.length < 5 || reason.length > 200),
        [],
      );
      const { epoch, rejectedRequests } = await readSchedulerStatus(store.database);
      assert.deepEqual([epoch, rejectedRequests], [1, kept.length]);
      assert.deepEqual(
        scheduling.pages().filter((taskid) => !taskid.startsWith("honest")),
        [],
      );
    });

    test("unusual but valid requests are applied, and end no term", { timeout: 60_000 }, async () => {
      await using scheduling = openScheduling(store, () => ({}));
      await addProject(store.database, "books");
      for (const json of Object.values(ACCEPTED)) await write(json);
      const { epoch: before } = await readSchedulerStatus(store.database);
      scheduling.startScheduler();
      await until("all have left", () => scheduling.pages().length === 9);

      const { epoch, rejectedRequests } = await readSchedulerStatus(store.database);
      assert.deepEqual([epoch - before, rejectedRequests], [1, 0]);
      assert.deepEqual(scheduling.pages().sort(), ["constructor", "ok1", "ok2", "ok3", "ok4", "ok5", "ok6", "ok7", "ok8"]);
      assert.equal(({} as { x?: number }).x, undefined);
    });

    test("a task whose itag has a lone surrogate can be cancelled, run again, and requested while it runs", {
      timeout: 60_000,
    }, async () => {
      await using scheduling = openScheduling(store, ({ taskid }) => (taskid === "late" ? undefined : {}));
      await addProject(store.database, "books");
      const { epoch: before } = await readSchedulerStatus(store.database);
      scheduling.startScheduler();
      const asks = (taskid: string, schedule: object) => write(follows({ ...task, taskid, schedule: { itag: "\ud800", ...schedule } }));
      for (const taskid of ["a", "late"]) await asks(taskid, {});
      await until("both have left", () => scheduling.pages().length === 2);

      await asks("late", { forceUpdate: true });
      await write('{"kind":"rerun","project":"books","taskid":"a"}');
      await until("one runs again", () => scheduling.pages().length === 3);
      await asks("a", { cancel: true, forceUpdate: true });
      await until("the inbox is empty", isEmpty);

      assert.equal((await readSchedulerStatus(store.database)).epoch - before, 1);
    });

    test("250 invalid rows and 8 MiB of valid ones are processed in rounds", { timeout: 60_000 }, async () => {
      await using scheduling = openScheduling(store, () => ({}));
      await addProject(store.database, "books");
      await store.database.query(`insert into inbox (request) select '{"kind":"bad"}' from generate_series(1, 250)`);
      for (let index = 0; index < 8; index++) await write(follows({ ...task, taskid: `large ${index}`, save: "s".repeat(2 ** 20) }));
      scheduling.startScheduler();

      await until("all have left", () => scheduling.pages().length === 8, 30_000);

      assert.equal((await readSchedulerStatus(store.database)).rejectedRequests, 250);
    });
  });
}
