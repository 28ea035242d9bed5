import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { addTask, SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

beforeEach(async () => {
  await store.reset();
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" });
  await store.database.exec("update scheduler_lease set expires = now() + interval '1 minute'");
});

const health = async () => (await webui.request("GET", "/projects/books/health")).json;
const totals = (pending: number) =>
  store.database.exec(`insert into project_totals (project, pending, success, failed) values ('books', ${pending}, 1, 0)`);

test("a running project without tasks is told to run onStart", async () => {
  assert.deepEqual(await health(), { state: "stopped", reason: "The project has no tasks yet.", remedy: "run" });
});

test("a retry is named with its time, also behind waiting tasks of another project", async () => {
  await totals(1);
  for (const project of ["other", "books"]) await addTask(store.database, { project, taskid: "a", status: 1, updatetime: 1 });
  await store.database.exec(
    "update tasks set queue = 2, retried = 1, exetime = extract(epoch from now()) + case project when 'books' then 7000 else 5 end",
  );

  const { state, reason } = await health();

  assert.equal(state, "waits");
  assert.match(reason, /^The next task is tried again in 11[67] min\.$/);
});

test("without a running scheduler the reason is that", async () => {
  await store.database.exec("update scheduler_lease set expires = '-infinity'");

  assert.match((await health()).reason, /No scheduler is running/);
});

test("an unknown project has no health", async () => {
  assert.equal((await webui.request("GET", "/projects/none/health")).status, 404);
});
