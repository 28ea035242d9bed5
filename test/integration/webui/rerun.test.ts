/** Running tasks again after an edit: how many it concerns, and the request. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import { addTask, SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

before(async () => {
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" });
  for (const [index, taskid] of ["a", "b", "c", "on_start", "_hidden"].entries())
    await addTask(store.database, { project: "books", taskid, status: taskid === "c" ? 3 : 2, updatetime: index });
  await addTask(store.database, { project: "books", taskid: "due", status: 1, updatetime: 9 });
  const track = JSON.stringify({ process: { ok: false, logs: "\0", error: { code: "E_PRICE", message: "none" } } });
  await store.database.query(`update tasks set track = $1, process = '{"callback":"detail"}' where taskid = 'c'`, [track]);
  await store.database.exec("insert into kept_pages values ('books', 'b', 'x', 1, 1), ('books', 'due', 'x', 1, 1)");
});

const count = async (query: string) => (await webui.request("GET", `/projects/books/rerun${query}`)).json;

test("a selection counts the tasks that have run, those with a stored page, and their callbacks", async () => {
  const all = await count("");

  assert.partialDeepStrictEqual(all, { count: 3, isCut: false, keptPages: 1 });
  assert.deepEqual(all.callbacks, [
    { callback: "page", count: 2 },
    { callback: "detail", count: 1 },
  ]);
  assert.deepEqual(
    all.sample.map(({ taskid }: { taskid: string }) => taskid),
    ["c", "b", "a"],
  );
});

test("a selection is by callback, code of the error, and part of the URL with * for any characters", async () => {
  assert.equal((await count("?callback=page")).count, 2);
  assert.equal((await count("?code=E_PRICE")).count, 1);
  assert.equal((await count("?url=test/*b")).count, 1);
  assert.equal((await count("?url=test/%25b")).count, 0);
  assert.equal((await count("?callback=page&code=E_PRICE")).count, 0);
});

test("a rerun of a selection goes to the scheduler", async () => {
  await store.database.exec("delete from inbox");

  const { status } = await webui.request("POST", "/projects/books/rerun", { callback: "page", page: "stored" });

  assert.equal(status, 202);
  assert.deepEqual(await store.database.query("select request from inbox"), [
    { request: { kind: "rerunSelected", project: "books", selection: { callback: "page" }, keptPages: true } },
  ]);
});

test("a rerun is refused for a stopped project, an unknown project and invalid fields", async () => {
  await webui.request("PUT", "/projects/still", { script: SCRIPT });

  const answers = [
    await webui.request("POST", "/projects/still/rerun", {}),
    await webui.request("POST", "/projects/nothing/rerun", {}),
    await webui.request("POST", "/projects/books/rerun", { page: "cached" }),
    await webui.request("GET", "/projects/nothing/rerun"),
    await webui.request("GET", "/projects/books/rerun?url="),
    await webui.anonymous("GET", "/projects/books/rerun"),
  ];

  assert.deepEqual(
    answers.map(({ status }) => status),
    [409, 404, 400, 404, 400, 401],
  );
});

test("the stored results of one task are listed in their order", async () => {
  await store.database.exec(`insert into results (project, taskid, index, url, result, updatetime) values
    ('books', 'a', 1, 'http://a/', '{"n":2}', 5), ('books', 'a', 0, 'http://a/', '{"n":1}', 5), ('books', 'b', 0, 'http://b/', '1', 5)`);

  const { json } = await webui.request("GET", "/tasks/books/a/results");

  assert.deepEqual(
    json.results.map(({ index, result, isCut }: { index: number; result: unknown; isCut: boolean }) => [index, result, isCut]),
    [
      [0, { n: 1 }, false],
      [1, { n: 2 }, false],
    ],
  );
});

test("a project keeps pages within limits that a person sets, and keeps none by default", async () => {
  const { json: before } = await webui.request("GET", "/projects/books");
  const { json: set } = await webui.request("PUT", "/projects/books", { keepPages: { mib: 100, days: 7 } });
  const { json: other } = await webui.request("PUT", "/projects/books", { rate: 2 });
  const { json: off } = await webui.request("PUT", "/projects/books", { keepPages: null });
  const refused = await webui.request("PUT", "/projects/books", { keepPages: { mib: 1e9, days: 0 } });

  assert.deepEqual(
    [before.keepPages, set.keepPages, other.keepPages, off.keepPages],
    [null, { mib: 100, days: 7 }, { mib: 100, days: 7 }, null],
  );
  assert.deepEqual(
    refused.json.error.problems.map(({ path }: { path: string }) => path),
    ["keepPages.mib", "keepPages.days"],
  );
});
