import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { TASKS_WALKED } from "../../../services/webui/store/task-walk.ts";
import { SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

beforeEach(async () => {
  await store.reset();
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
});

const addRun = (taskid: string, updatetime: number, process: object) =>
  store.database.query(
    `insert into tasks (project, taskid, url, status, process, track, updatetime, lastcrawltime)
     values ('books', $1, 'http://books.test/' || $1, 2, '{"callback":"page"}', $2, $3, $3)`,
    [taskid, JSON.stringify({ fetch: { ok: true, statusCode: 200 }, process }), updatetime],
  );
const readLog = async (query = "") => {
  const { status, json } = await webui.request("GET", `/projects/books/log${query}`);
  assert.equal(status, 200, JSON.stringify(json));
  return json as { entries: { taskid: string; printed: string; isCut: boolean; errorCode: string | null }[]; next: string | null };
};

test("the log has what scripts printed and how runs failed, the newest first, with the platform's own tasks", async () => {
  await addRun("quiet", 1, { ok: true, logs: "" });
  await addRun("loud", 2, { ok: true, logs: 'price "12"\n\u0000 \\ ä\n' });
  await addRun("_on_start", 3, { ok: true, logs: "started\n" });
  await addRun("bad", 4, { ok: false, logs: "", error: { code: "E_SCRIPT", message: "no price", retryable: false } });

  const { entries, next } = await readLog();

  assert.deepEqual(
    entries.map(({ taskid, printed, errorCode }) => [taskid, printed, errorCode]),
    [
      ["bad", "", "E_SCRIPT"],
      ["_on_start", "started\n", null],
      ["loud", 'price "12"\n\u0000 \\ ä\n', null],
    ],
  );
  assert.equal(next, null);
});

test("an entry has the last 2,000 characters, and says that there are more", async () => {
  await addRun("long", 1, { ok: true, logs: `first${"\n".repeat(3_000)}last` });

  const [entry] = (await readLog()).entries;

  assert.equal(entry?.printed.length, 2_000);
  assert.match(entry?.printed ?? "", /\nlast$/);
  assert.equal(entry?.isCut, true);
});

test("a search finds printed texts with quotes and line breaks, URLs, codes and messages", async () => {
  await addRun("loud", 1, { ok: true, logs: 'Price "12"\nnext' });
  await addRun("bad", 2, { ok: false, logs: "", error: { code: "E_SCRIPT", message: 'no "price"', retryable: false } });
  const idsFor = async (search: string) => {
    const { entries } = await readLog(`?search=${encodeURIComponent(search)}`);
    return entries.map(({ taskid }) => taskid);
  };

  assert.deepEqual(await idsFor('price "12"'), ["loud"]);
  assert.deepEqual(await idsFor('"12"\nnext'), ["loud"]);
  assert.deepEqual(await idsFor("test/BAD"), ["bad"]);
  assert.deepEqual(await idsFor("e_script"), ["bad"]);
  assert.deepEqual(await idsFor('NO "price"'), ["bad"]);
  assert.deepEqual(await idsFor("quiet"), []);
});

test("an entry behind more quiet tasks than one answer walks over is on a next page", async () => {
  await addRun("loud", 1, { ok: true, logs: "found" });
  await store.database.exec(
    `insert into tasks (project, taskid, url, status, process, track, updatetime)
     select 'books', 't' || n, 'http://books.test/', 2, '{"callback":"page"}', '{"process":{"ok":true,"logs":""}}', n + 1
     from generate_series(1, ${TASKS_WALKED}) as n`,
  );

  const first = await readLog();
  const second = await readLog(`?after=${encodeURIComponent(first.next ?? "")}`);

  assert.deepEqual(first.entries, []);
  assert.deepEqual(
    second.entries.map(({ taskid }) => taskid),
    ["loud"],
  );
});
