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

/** Tasks t1, t2, … of which t1 changed first; `track` is SQL over n. */
const addTasks = (count: number, track: string) =>
  store.database.exec(
    `insert into tasks (project, taskid, url, status, process, track, updatetime)
     select 'books', 't' || n, 'http://books.test/Page_' || n, 3, '{"callback":"page"}', ${track}, n from generate_series(1, ${count}) as n`,
  );
const found = async (query: string) => {
  const { json } = await webui.request("GET", `/projects/books/tasks?${query}`);
  return { ids: json.tasks.map(({ taskid }: { taskid: string }) => taskid), next: json.next as string | null, tasks: json.tasks };
};

test("tasks are found by their URL, their error's code and its message, but not by what the script printed", async () => {
  await addTasks(
    4,
    String.raw`('{"process":{"ok":false,"logs":"E_LOGGED","error":{"code":"' || case n when 2 then 'E_SCRIPT' else 'E_STATUS' end
       || '","message":"the \"title\" of ' || n || '"}}}')::json`,
  );

  assert.deepEqual((await found("search=page_3")).ids, ["t3"]);
  assert.deepEqual((await found("search=e_script")).ids, ["t2"]);
  assert.deepEqual((await found("search=of%204")).ids, ["t4"]);
  assert.deepEqual((await found("search=E_LOGGED")).ids, []);
  assert.deepEqual((await found("search=%25")).ids, []);
  assert.equal((await found("search=page_3")).tasks[0].errorMessage, 'the "title" of 3');
});

test("the pages of a search follow each other, also across the tasks that one search walks over", async () => {
  await addTasks(TASKS_WALKED + 5, "'{}'::json");
  const query = "search=page_3&limit=500";

  const first = await found(query);
  const pages = [first.ids];
  let { next } = first;
  while (next !== null) {
    const page = await found(`${query}&after=${encodeURIComponent(next)}`);
    pages.push(page.ids);
    next = page.next;
  }

  assert.equal(new Set(pages.flat()).size, pages.flat().length);
  assert.equal(pages.flat().length, 1 + 10 + 100 + 1_000);
  assert.equal(pages.flat().at(-1), "t3");
});
