import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { addTask, SCRIPT, startTestWebui } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

beforeEach(() => store.reset());

test("the summary has the health of every project, the same as the project's own route", async () => {
  await store.database.exec("update scheduler_lease set expires = now() + interval '1 minute'");
  const states = { idle: "TODO", runs: "RUNNING", retries: "RUNNING", empty: "RUNNING", waits: "DEBUG" };
  for (const [name, status] of Object.entries(states)) await webui.request("PUT", `/projects/${name}`, { script: SCRIPT, status });
  for (const project of ["runs", "retries", "waits"]) await addTask(store.database, { project, taskid: "a", status: 1, updatetime: 1 });
  await store.database.exec(`
    update tasks set queue = 3 where project = 'runs';
    update tasks set queue = 2, retried = 1, exetime = extract(epoch from now()) + 7000 where project = 'retries';
    update tasks set queue = 4 where project = 'waits';
    insert into host_lines (project, host, opens_at) values ('waits', 'a', extract(epoch from now()) + 500000);
    insert into project_totals (project, pending) values ('runs', 1), ('retries', 1), ('waits', 1)`);

  const { json } = await webui.request("GET", "/summary");

  assert.deepEqual(Object.keys(json), Object.keys(states).toSorted());
  for (const name of Object.keys(states)) {
    assert.deepEqual(json[name].health, (await webui.request("GET", `/projects/${name}/health`)).json, name);
    assert.deepEqual((await webui.request("GET", `/summary?name=${name}`)).json, { [name]: json[name] });
  }
  assert.match(json.retries.health.reason, /is tried again in 117 min/);
  assert.match(json.runs.health.reason, /being crawled/);
  assert.match(json.waits.health.reason, /asked again in 6 d/);
});

test("pages a minute are those of the last 20 whole minutes, the oldest first", async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  const minute = Math.floor(Date.now() / 60_000);
  const rows = [
    [minute * 60, 100],
    [minute * 60 - 10, 3],
    [minute * 60 - 60, 4],
    [minute * 60 - 70, 5],
    [minute * 60 - 1_200, 6],
    [minute * 60 - 1_210, 100],
  ];
  await store.database.exec(`insert into counters (project, at, success) values ${rows.map((row) => `('books', ${row})`)}`);
  await using fresh = await startTestWebui(store.database);

  const { pagesPerMinute } = (await fresh.request("GET", "/summary")).json.books;

  assert.equal(pagesPerMinute.length, 20);
  assert.deepEqual([pagesPerMinute[0], pagesPerMinute[18], pagesPerMinute[19]], [6, 5, 7]);
});
