import assert from "node:assert/strict";
import { test } from "node:test";
import { readCertificate, readChallenge } from "../../../services/core/store/certificates.ts";
import { readKeptPage } from "../../../services/core/store/kept-pages.ts";
import { listProjects, putProject, requestDelete } from "../../../services/core/store/projects.ts";
import { listResults } from "../../../services/core/store/result-queries.ts";
import { storeOutcomes } from "../../../services/result-worker/results.ts";
import { pruneKeptPages, readKeptPages } from "../../../services/scheduler/store/kept-pages.ts";
import { takeLease } from "../../../services/scheduler/store/scheduler-lease.ts";
import { readCounters } from "../../../services/webui/store/counter-queries.ts";
import { endSession, readEndedSessions } from "../../../services/webui/store/ended-sessions.ts";
import { readSchedulerStatus } from "../../../services/webui/store/scheduler-status.ts";
import { listTasks } from "../../../services/webui/store/task-queries.ts";
import { scramVerifier } from "../../../stacks/render/postgres.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled, startPostgres } from "../../fixtures/postgres-server.ts";
import { connectClient, startPostgresWithLogins } from "../../fixtures/postgres-with-logins.ts";
import { outcome } from "../../fixtures/queue-messages.ts";
import { SCRIPT, startTestWebui } from "../../fixtures/webui.ts";

const NOW = 1_000;

test("each role's login permits its work and nothing else", { skip: !postgresIsInstalled && POSTGRES_IS_MISSING }, async () => {
  await using store = await startPostgresWithLogins();
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
      { ...outcome("a"), results: ['{"title":"A"}'], keptPage: "KLUv" },
      { ...outcome("b"), dead: { reason: "poison" } as never },
    ],
    NOW,
  );
  const seen = {
    projects: (await listProjects(webui)).map(({ name }) => name),
    tasks: (await listTasks(webui, "books", { limit: 9 })).tasks.map(({ taskid }) => taskid),
    results: (await listResults(webui, "books", { limit: 9 })).rows.map(({ result }) => result),
    counters: await readCounters(webui, NOW),
    holder: (await readSchedulerStatus(webui)) !== undefined,
    kept: (await readKeptPage(webui, "books", "a"))?.packed,
    pruned: [await pruneKeptPages(scheduler, "", NOW), (await readKeptPages(scheduler, [{ project: "books", taskid: "a" }])).length],
    deletes: await requestDelete(webui, "books"),
    ended: await endSession(webui, "old", { ended: 1, expired: 0 })
      .then(() => endSession(webui, "new", { ended: 3, expired: 2 }))
      .then(() => readEndedSessions(webui)),
    certificate: await readCertificate(webui),
    challenge: await readChallenge(webui, "token"),
  };

  assert.deepEqual([seen.kept, seen.pruned], ["KLUv", ["books", 0]]);
  assert.deepEqual([...seen.ended], [["new", 3]]);
  assert.deepEqual([seen.certificate, seen.challenge], [undefined, undefined]);
  assert.deepEqual([seen.projects, seen.tasks, seen.results, seen.holder, seen.deletes], [["books"], ["a"], ['{"title":"A"}'], true, true]);
  for (const [database, statement] of [
    [resultWorker, "select * from projects"],
    [resultWorker, "select * from inbox"],
    [webui, "delete from results"],
    [webui, "update tasks set status = 2"],
    [webui, "update certificate set chain = ''"],
    [webui, "insert into certificate_challenges values ('a', 'b')"],
    [resultWorker, "select * from certificate"],
    [scheduler, "drop table tasks"],
    [scheduler, "create table other (id integer)"],
  ] as const) {
    await assert.rejects(database.query(statement), /permission denied|must be owner/, statement);
  }
});

test("the web UI's login permits all its requests", { skip: !postgresIsInstalled && POSTGRES_IS_MISSING }, async () => {
  await using store = await startPostgresWithLogins();
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

test("a password hash equals the one that Postgres creates", { skip: !postgresIsInstalled && POSTGRES_IS_MISSING }, async () => {
  await using server = await startPostgres();
  await using superuser = await connectClient(server.url);
  await superuser.query("create role tester login password 'correct horse'");
  const { rows } = await superuser.query("select rolpassword from pg_authid where rolname = 'tester'");
  const [, salt = ""] = /^SCRAM-SHA-256\$4096:([^$]+)\$/.exec(rows[0].rolpassword) ?? [];

  assert.equal(scramVerifier("correct horse", Buffer.from(salt, "base64")), rows[0].rolpassword);
});
