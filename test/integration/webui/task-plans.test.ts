/** Which indexes the scheduler's statements use, on a table whose statistics show empty queues. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { connectPostgres } from "../../../services/core/store/postgres.ts";
import type { Database, Row, Sql } from "../../../services/core/store/sql.ts";
import { joinLines } from "../../../services/scheduler/store/host-queue.ts";
import {
  dispatchDue,
  dispatchInfo,
  dispatchTasks,
  endTasks,
  insertTasks,
  postponeFollows,
  wakeWaiting,
} from "../../../services/scheduler/store/scheduling.ts";
import { listTasks } from "../../../services/webui/store/task-queries.ts";
import { POSTGRES_IS_MISSING, type PostgresServer, postgresIsInstalled, startPostgres } from "../../fixtures/postgres-server.ts";

const key = { project: "books", taskid: "1" };
const follow = { ...key, url: "http://site.test/", process: { callback: "page" } };
const place = { queue: 1 as const, priority: 0, exetime: 0, schedule: {}, fetch: {} };
const end = { ...key, attempt: 1, status: 2 as const, queue: null, exetime: 0, retried: 0, track: {} as never, hasStored: false };
const levels = { levels: [{ priority: 0, ordinal: 5 }], below: 0 };

/** By the indexes that they may look tasks up in. */
const statements: [name: string, indexes: string[], run: (sql: Sql) => Promise<unknown>][] = [
  ["an insert of new tasks", ["tasks_pkey"], (sql) => insertTasks(sql, [{ ...follow, ...place }], 1)],
  ["a completion", ["tasks_pkey"], (sql) => endTasks(sql, [end as never], 1)],
  ["a postponed request", ["tasks_pkey"], (sql) => postponeFollows(sql, [follow])],
  ["a selection", ["tasks_due", "tasks_pkey"], (sql) => dispatchDue(sql, [{ project: "books", count: 5, ...levels }], 1)],
  ["a dispatch of selected tasks", ["tasks_pkey"], (sql) => dispatchTasks(sql, [key], 1)],
  ["a request to a script", ["tasks_pkey"], (sql) => dispatchInfo(sql, ["books"], 1)],
  ["a lookup of waiting tasks", ["tasks_pkey", "tasks_waiting"], (sql) => wakeWaiting(sql, { after: 0, now: 1 }, 10)],
  ["a list of cancelled tasks", ["tasks_bad"], (sql) => listTasks(sql, "books", { status: "BAD", limit: 50 })],
  ["an insert into a host's queue", ["tasks_pkey"], (sql) => joinLines(sql, [{ ...key, host: "site.test", opensAt: 1 }])],
];

describe("statements find tasks by indexes, without scanning tasks that have left", {
  skip: !postgresIsInstalled && POSTGRES_IS_MISSING,
}, () => {
  let server: PostgresServer;
  let database: Database;
  before(async () => {
    server = await startPostgres();
    database = await connectPostgres(server.url);
    await database.exec(
      `insert into tasks (project, taskid, url, status, process, updatetime)
       select 'books', n, 'http://site.test/', 2, '{}', n from generate_series(1, 20000) as n`,
    );
    await database.exec("vacuum analyze tasks");
  });
  after(async () => {
    await database.close();
    await server[Symbol.asyncDispose]();
  });

  for (const [name, indexes, run] of statements) {
    test(`${name}: ${indexes.join(", ")}`, async () => {
      const plans: string[] = [];
      const explaining: Sql = {
        query: async <R extends object = Row>(text: string, params: unknown[] = []) => {
          const rows = await database.query<{ "QUERY PLAN": string }>(`explain ${text}`, params);
          plans.push(...rows.map((row) => row["QUERY PLAN"]));
          return [] as R[];
        },
        exec: () => Promise.reject(new Error("not a statement of the scheduler")),
      };

      await run(explaining);

      const plan = plans.join("\n");
      const used = new Set(plan.match(/tasks_\w+/g)?.filter((index) => !/^tasks_\d+$/.test(index)));
      assert.deepEqual([...used].sort(), indexes, plan);
      assert.doesNotMatch(plan, /Seq Scan on tasks/);
    });
  }
});
