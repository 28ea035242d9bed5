import assert from "node:assert/strict";
import { get, type IncomingMessage } from "node:http";
import { before, test } from "node:test";
import type { Database } from "../../../services/core/store/sql.ts";
import { until } from "../../fixtures/until.ts";
import { addResults, SCRIPT, startTestWebui, TOKEN } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const COUNT = 20_000;
const { store, webui } = await openWebuiOfFile();

before(async () => {
  for (const name of ["books", "empty", "large"]) await webui.request("PUT", `/projects/${name}`, { script: SCRIPT });
  await addResults(store.database, "books", COUNT);
});

const lineOf = (n: number) => ({
  taskid: `task${String(n).padStart(8, "0")}`,
  url: `http://books.test/${n}`,
  index: 0,
  result: { title: `Tom & "Jerry", \n part ${n}`, price: n, tags: ["a", n] },
});

test("20,000 results stream as a JSON array", async () => {
  const { headers, json } = await webui.request("GET", "/projects/books/results?format=json");

  assert.equal(json.length, COUNT);
  assert.deepEqual(json[0], lineOf(1));
  assert.deepEqual(json[COUNT - 1], lineOf(COUNT));
  assert.equal(headers.get("content-disposition"), 'attachment; filename="books.json"');
});

test("20,000 results stream as JSON lines", async () => {
  const { text } = await webui.request("GET", "/projects/books/results?format=jsonl");

  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, COUNT);
  assert.deepEqual(JSON.parse(lines[4_321] ?? ""), lineOf(4_322));
});

test("20,000 results stream as CSV with a column for each key", async () => {
  const { text } = await webui.request("GET", "/projects/books/results?format=csv");

  const lines = text.split("\r\n");
  assert.equal(lines[0], "url,title,price,tags");
  assert.equal(lines[1], 'http://books.test/1,"Tom & ""Jerry"", \n part 1",1,"[""a"", 1]"');
  assert.equal(lines.length, COUNT + 2);
});

test("a HEAD request for an export reads no row", async () => {
  const { status, headers, text } = await webui.request("HEAD", "/projects/books/results?format=csv");

  assert.deepEqual([status, headers.get("content-type"), text], [200, "text/csv; charset=utf-8; header=present", ""]);
});

test("20,000 results stream as text, URL tab JSON", async () => {
  const { text } = await webui.request("GET", "/projects/books/results?format=txt");

  const lines = text.trimEnd().split("\n");
  assert.equal(lines.length, COUNT);
  const [url, json] = (lines[9] ?? "").split("\t");
  assert.deepEqual([url, JSON.parse(json ?? "")], [lineOf(10).url, lineOf(10).result]);
});

test("a project without results exports as an empty file of each kind; an unknown format is refused", async () => {
  const formats = ["json", "jsonl", "csv", "txt"];
  const answers = await Promise.all(formats.map((format) => webui.request("GET", `/projects/empty/results?format=${format}`)));
  const refused = await webui.request("GET", "/projects/empty/results?format=xml&limit=0");

  assert.deepEqual(
    answers.map(({ text }) => text),
    ["[]\n", "", "url\r\n", ""],
  );
  assert.deepEqual(refused.json.error.problems, [
    { path: "format", value: "xml", remedy: "write one of json, jsonl, csv, xlsx, txt" },
    { path: "limit", value: "0", remedy: "write a whole number from 1 to 500" },
  ]);
});

test("pages are listed newest first without gaps, also when new results arrive in between", async () => {
  const first = (await webui.request("GET", "/projects/books/results?limit=3")).json;
  await store.database.query(`update results set ordinal = nextval('result_order') where taskid = 'task00000001'`);
  const second = (await webui.request("GET", `/projects/books/results?limit=3&before=${first.next}`)).json;
  const last = (await webui.request("GET", "/projects/empty/results")).json;

  const ids = [...first.results, ...second.results].map(({ url }: { url: string }) => Number(url.split("/").at(-1)));
  assert.deepEqual(
    ids,
    [0, 1, 2, 3, 4, 5].map((back) => COUNT - back),
  );
  assert.deepEqual(last, { results: [], next: null });
});

test("large results are truncated in pages, and complete in exports and when requested alone", async () => {
  await store.database.query(
    `insert into results (project, taskid, index, url, result, updatetime)
     select 'large', 'task' || n, 0, 'http://books.test/', to_json(repeat('x', 3000000)), 0 from generate_series(1, 5) as n`,
  );

  const page = (await webui.request("GET", "/projects/large/results?limit=5")).json;
  const whole = (await webui.request("GET", "/projects/large/results/task3/0")).json;
  const { text } = await webui.request("GET", "/projects/large/results?format=txt");

  assert.deepEqual(
    page.results.map(({ result, isCut, bytes }: { result: string; isCut: boolean; bytes: number }) => [result, isCut, bytes]),
    Array(5).fill([`"${"x".repeat(999)}`, true, 3_000_002]),
  );
  assert.deepEqual(whole, { taskid: "task3", url: "http://books.test/", index: 0, result: "x".repeat(3_000_000) });
  assert.equal(text.length, 5 * (3_000_002 + "http://books.test/\t\n".length));
});

test("a small result is shown complete, with its size", async () => {
  const page = (await webui.request("GET", "/projects/books/results?limit=1")).json;
  const whole = (await webui.request("GET", `/projects/books/results/${page.results[0].taskid}/0`)).json;

  const [{ ordinal: _, updatetime: _time, changed: _changed, isCut, bytes, ...shown }] = page.results;
  assert.deepEqual([shown, isCut, bytes > 40], [whole, false, true]);
});

test("missing results answer 404", async () => {
  const statuses = ["books/results/none/0", "books/results/task00000001/1", "none/results/task00000001/0"].map(
    async (path) => (await webui.request("GET", `/projects/${path}`)).status,
  );

  assert.deepEqual(await Promise.all(statuses), [404, 404, 404]);
});

test("a page of results ends early when it is large", async () => {
  await webui.request("PUT", "/projects/bulky", { script: SCRIPT });
  await store.database.query(
    `insert into results (project, taskid, index, url, result, updatetime)
     select 'bulky', 'task' || n, 0, 'http://books.test/', to_json(repeat('x', 60000)), 0 from generate_series(1, 30) as n`,
  );

  const first = await webui.request("GET", "/projects/bulky/results?limit=30");
  const second = await webui.request("GET", `/projects/bulky/results?limit=30&before=${first.json.next}`);

  assert.ok(first.text.length < 1_200_000, String(first.text.length));
  assert.equal(first.json.results.length + second.json.results.length, 30);
});

test("more than four simultaneous exports are refused, and accepted again when one has ended", async () => {
  const open = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const headers = { authorization: `Bearer ${TOKEN}` };
      get(`${webui.url}/api/v1/projects/large/results?format=txt`, { headers, agent: false }, resolve).on("error", reject);
    });
  const unread = await Promise.all([open(), open(), open(), open()]);

  const refused = await open();
  for (const response of [...unread, refused]) response.destroy();
  await until("an export is taken", async () => {
    const response = await open();
    response.destroy();
    return response.statusCode === 200;
  });

  assert.deepEqual([unread.map(({ statusCode }) => statusCode), refused.statusCode], [[200, 200, 200, 200], 503]);
});

test("a client that stops reading stops the export", async () => {
  const { database, pagesRead } = countingPages(store.database);
  await using slow = await startTestWebui(database);
  await webui.request("PUT", "/projects/long", { script: SCRIPT });
  await store.database.query(
    `insert into results (project, taskid, index, url, result, updatetime)
     select 'long', 'task' || n, 0, 'http://books.test/', to_json(repeat('x', 1000000)), 0 from generate_series(1, 100) as n`,
  );

  const response = await new Promise<IncomingMessage>((resolve, reject) =>
    get(`${slow.url}/api/v1/projects/long/results?format=txt`, { headers: { authorization: `Bearer ${TOKEN}` } }, resolve).on(
      "error",
      reject,
    ),
  );
  await until("the export has begun", () => pagesRead() > 0);
  // The one connection serves in turn, so an export that still reads gets its pages in between these.
  for (let quiet = 0, seen = 0; quiet < 30; quiet++) {
    await store.database.query("select pg_sleep(0.01)");
    if (pagesRead() > seen) quiet = 0;
    seen = pagesRead();
  }
  response.destroy();

  assert.ok(pagesRead() < 12, `${pagesRead()} of 100 pages were read for a reader that took none`);
});

/** The database, and how many pages of an export it was asked for. */
function countingPages(database: Database) {
  let pages = 0;
  const counted: Database = Object.create(database, {
    query: {
      value: (text: string, params?: unknown[]) => {
        if (text.includes("(taskid, index) >")) pages++;
        return database.query(text, params);
      },
    },
  });
  return { database: counted, pagesRead: () => pages };
}
