import assert from "node:assert/strict";
import { test } from "node:test";
import pg from "pg";
import { readCounters } from "../../../services/core/store/counter-queries.ts";
import { connectPostgres } from "../../../services/core/store/postgres.ts";
import { listProjects, putProject, requestDelete } from "../../../services/core/store/projects.ts";
import { listResults } from "../../../services/core/store/result-queries.ts";
import { storeOutcomes } from "../../../services/core/store/results.ts";
import { takeLease } from "../../../services/core/store/scheduler-lease.ts";
import { readSchedulerStatus } from "../../../services/core/store/scheduler-status.ts";
import type { Database } from "../../../services/core/store/sql.ts";
import { listTasks } from "../../../services/core/store/task-queries.ts";
import { type DatabaseLogin, derivePasswords } from "../../../stacks/config/passwords.ts";
import { DATABASE, grantsSql, loginsSql, scramVerifier } from "../../../stacks/render/postgres.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled, startPostgres } from "../../fixtures/postgres-server.ts";
import { outcome } from "../../fixtures/queue-messages.ts";
import { SCRIPT, startTestWebui } from "../../fixtures/webui.ts";

const { database: passwords } = derivePasswords("5".repeat(32));
const NOW = 1_000;

test("each role does its work with its own login, and nothing else", { skip: !postgresIsInstalled && POSTGRES_IS_MISSING }, async () => {
  await using store = await openStore();
  const [webui, resultWorker, scheduler] = [await store.as("webui"), await store.as("result-worker"), await store.as("scheduler")];

  await putProject(webui, "books", { changes: { status: "RUNNING" }, defaults: { rate: 1, burst: 1 } });
  await takeLease(scheduler, "here", 1_000);
  await scheduler.query(
    `insert into tasks (project, taskid, url, status, queue, process, attempt, updatetime)
     values ('books', 'a', 'http://a/', 1, 3, '{}', 7, 0)`,
  );
  await storeOutcomes(
    resultWorker,
    [
      { ...outcome("a"), results: ['{"title":"A"}'] },
      { ...outcome("b"), dead: { reason: "poison" } as never },
    ],
    NOW,
  );
  const seen = {
    projects: (await listProjects(webui)).map(({ name }) => name),
    tasks: (await listTasks(webui, "books", { limit: 9 })).map(({ taskid }) => taskid),
    results: (await listResults(webui, "books", { limit: 9 })).rows.map(({ result }) => result),
    counters: await readCounters(webui, NOW),
    holder: (await readSchedulerStatus(webui)) !== undefined,
    deletes: await requestDelete(webui, "books"),
  };

  assert.deepEqual([seen.projects, seen.tasks, seen.results, seen.holder, seen.deletes], [["books"], ["a"], ['{"title":"A"}'], true, true]);
  for (const [database, statement] of [
    [resultWorker, "select * from projects"],
    [resultWorker, "select * from inbox"],
    [webui, "delete from results"],
    [webui, "update tasks set status = 2"],
    [scheduler, "drop table tasks"],
    [scheduler, "create table other (id integer)"],
  ] as const) {
    await assert.rejects(database.query(statement), /permission denied|must be owner/, statement);
  }
});

test("the web UI answers all that it is asked with its own login", { skip: !postgresIsInstalled && POSTGRES_IS_MISSING }, async () => {
  await using store = await openStore();
  const database = await store.as("webui");
  const scheduler = await store.as("scheduler");
  await putProject(database, "books", { changes: { status: "RUNNING" }, defaults: { rate: 1, burst: 1 } });
  await scheduler.query(
    "insert into tasks (project, taskid, url, status, queue, process, updatetime) values ('books', 'a', 'http://a/', 1, 1, '{}', 0)",
  );
  await using webui = await startTestWebui(database);

  const statuses: Record<string, number> = {};
  for (const [method, path, body] of [
    ...["/projects", "/projects/books", "/counters", "/queues", "/cluster", "/session"].map((path) => ["GET", path]),
    ...["", "?format=json", "?format=jsonl", "?format=csv", "?format=txt"].map((query) => ["GET", `/projects/books/results${query}`]),
    ...["/projects/books/tasks", "/projects/books/tasks?status=BAD", "/tasks/books/a"].map((path) => ["GET", path]),
    ["PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" }],
    ...["/projects/books/run", "/projects/books/rerun-failed", "/tasks/books/a/run"].map((path) => ["POST", path]),
    ["POST", "/projects/books/messages", { message: 1 }],
    ...["/projects/books/clear"].map((path) => ["POST", path]),
    ["DELETE", "/projects/books"],
  ] as [string, string, object?][]) {
    statuses[`${method} ${path}`] = (await webui.request(method, path, body)).status;
  }

  assert.deepEqual(
    Object.entries(statuses).filter(([, status]) => status >= 300),
    [],
  );
});

test("a password is stored as Postgres itself would store it", { skip: !postgresIsInstalled && POSTGRES_IS_MISSING }, async () => {
  await using server = await startPostgres();
  await using superuser = await connect(server.url);
  await superuser.query("create role tester login password 'correct horse'");
  const { rows } = await superuser.query("select rolpassword from pg_authid where rolname = 'tester'");
  const [, salt = ""] = /^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(rows[0].rolpassword) ?? [];

  assert.equal(scramVerifier("correct horse", Buffer.from(salt, "base64")), rows[0].rolpassword);
});

async function openStore() {
  const server = await startPostgres();
  await server.createDatabase(DATABASE);
  const url = new URL(server.url);
  url.pathname = `/${DATABASE}`;
  const asSuperuser = async (statements: string) => {
    await using client = await connect(url.href);
    await client.query(statements);
  };
  const open: Database[] = [];
  const as = async (login: DatabaseLogin) => {
    const database = await connectPostgres(Object.assign(new URL(url), { username: login, password: passwords[login] }).href);
    open.push(database);
    return database;
  };
  await asSuperuser(loginsSql(passwords));
  await asSuperuser(loginsSql(passwords));
  const owner = await as("owner");
  await owner.exec(grantsSql());
  await owner.exec(grantsSql());
  return {
    as,
    async [Symbol.asyncDispose]() {
      for (const database of open) await database.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function connect(connectionString: string) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.end() });
}
