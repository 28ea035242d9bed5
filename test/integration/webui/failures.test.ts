import assert from "node:assert/strict";
import { test } from "node:test";
import { openTestEmbedded } from "../../fixtures/database.ts";
import { addTask, SCRIPT, startTestWebui } from "../../fixtures/webui.ts";

test("failed tasks are grouped, and one group runs again", async () => {
  await using store = await openTestEmbedded();
  await using webui = await startTestWebui(store.database);
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" });
  const fail = async (taskid: string, statusCode: number, message: string) => {
    await addTask(store.database, { project: "books", taskid, status: 3, updatetime: 1 });
    const error = { code: "E_SCRIPT", message, retryable: false };
    const track = { fetch: { ok: true, statusCode, timeMs: 1, bytes: 1 }, process: { ok: false, logs: 'a \0 "error":', error } };
    await store.database.query("update tasks set track = $2 where taskid = $1", [taskid, JSON.stringify(track)]);
  };
  await fail("a", 200, 'no "price" (books.ts:9:4)');
  await fail("b", 200, 'no "title" (books.ts:9:8)');
  await fail("c", 500, "status 500");

  const { json } = await webui.request("GET", "/projects/books/failures");
  const [{ sample: _sample, count: _count, ...key }] = json.groups;
  await store.database.exec("delete from inbox");
  const rerun = await webui.request("POST", "/projects/books/failures/run", key);
  const asked = await store.database.query<{ request: { taskid: string } }>("select request from inbox order by id");

  assert.deepEqual(
    json.groups.map(({ count, place, sample }: { count: number; place: string; sample: { message: string } }) => [
      count,
      place,
      sample.message,
    ]),
    [
      [2, "books.ts:9", 'no "price" (books.ts:9:4)'],
      [1, "", "status 500"],
    ],
  );
  assert.equal(rerun.status, 202);
  assert.deepEqual(asked.map(({ request }) => request.taskid).sort(), ["a", "b"]);
});
