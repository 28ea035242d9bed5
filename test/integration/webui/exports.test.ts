/** Choices of an export, and exports of changes. */
import assert from "node:assert/strict";
import { get } from "node:http";
import { beforeEach, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { addResults, SCRIPT, TOKEN } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile();

beforeEach(async () => {
  await store.reset();
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
});

const read = (query: string) => webui.request("GET", `/projects/books/results?${query}`);
const add = (taskid: string, result: unknown, changed: number, updatetime = changed) =>
  store.database.query(
    `insert into results (project, taskid, index, url, result, updatetime, changed)
     values ('books', $1, 0, 'http://books.test/', $2, $3, $4)`,
    [taskid, JSON.stringify(result), updatetime, changed],
  );
const taskids = (text: string) => text.trim().split("\n").slice(1);

test("a file has the chosen columns in their order", async () => {
  await addResults(store.database, "books", 2);

  const { text } = await read("format=csv&fields=price,url,_taskid");

  assert.equal(text, "price,url,_taskid\r\n1,http://books.test/1,task00000001\r\n2,http://books.test/2,task00000002\r\n");
});

test("CSV is guarded unless that is switched off, and begins with a byte order mark if wanted", async () => {
  await add("a", { price: "=1+2" }, 0);

  const texts = ["", "&guard=false", "&bom=true"].map(async (choice) => (await rawText(`format=csv${choice}`)).split("\r\n").slice(0, 2));

  assert.deepEqual(await Promise.all(texts), [
    ["url,price", "http://books.test/,'=1+2"],
    ["url,price", "http://books.test/,=1+2"],
    ["\ufeffurl,price", "http://books.test/,'=1+2"],
  ]);
});

/** With its byte order mark. */
async function rawText(query: string): Promise<string> {
  const answer = await fetch(`${webui.url}/api/v1/projects/books/results?${query}`, { headers: { authorization: `Bearer ${TOKEN}` } });
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(await answer.bytes());
}

test("results come as a workbook", async () => {
  await addResults(store.database, "books", 20);

  const { status, headers, text } = await read("format=xlsx");

  assert.deepEqual([status, headers.get("content-disposition"), text.slice(0, 2)], [200, 'attachment; filename="books.xlsx"', "PK"]);
  assert.equal(headers.get("content-type"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet");
});

test("an export is compressed for clients that accept it, but not a workbook", async () => {
  await addResults(store.database, "books", 1_000);

  const plain = await raw("format=jsonl", {});
  const packed = await raw("format=jsonl", { "accept-encoding": "br, gzip" });
  const refused = await raw("format=jsonl", { "accept-encoding": "gzip;q=0" });
  const book = await raw("format=xlsx", { "accept-encoding": "gzip" });

  assert.deepEqual(
    [plain, packed, refused, book].map(({ encoding }) => encoding),
    [undefined, "gzip", undefined, undefined],
  );
  assert.equal(gunzipSync(packed.body).toString(), plain.body.toString());
  assert.ok(packed.body.length * 5 < plain.body.length);
});

const raw = (query: string, headers: Record<string, string>) =>
  new Promise<{ encoding: string | undefined; body: Buffer }>((resolve, reject) => {
    const url = `${webui.url}/api/v1/projects/books/results?${query}`;
    get(url, { headers: { authorization: `Bearer ${TOKEN}`, ...headers }, agent: false }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece) => pieces.push(piece));
      response.on("error", reject);
      response.on("end", () => resolve({ encoding: response.headers["content-encoding"], body: Buffer.concat(pieces) }));
    }).on("error", reject);
  });

test("the next export has only what changed since, in the order of the changes", async () => {
  for (const taskid of ["a", "b", "c"]) await add(taskid, 1, 1_000);
  const first = await read("format=csv&fields=_taskid");
  const since = first.headers.get("orb-next-since");

  const unchanged = await read(`format=csv&fields=_taskid&since=${since}`);
  await store.database.query(`update results set result = '2', ordinal = nextval('result_order') where taskid = 'b'`);
  await add("0", 1, 1_001);
  const changed = await read(`format=csv&fields=_taskid&since=${since}`);
  const next = await read(`format=csv&fields=_taskid&since=${changed.headers.get("orb-next-since")}`);

  assert.deepEqual(
    [first, unchanged, changed, next].map(({ text }) => taskids(text).map((line) => line.trim())),
    [["a", "b", "c"], [], ["b", "0"], []],
  );
});

test("a result whose transaction is open during an export is in the next one", async () => {
  await add("old", 1, Date.now() / 1_000 - 600);
  await add("new", 1, Date.now() / 1_000);
  let since: string | null = null;
  await store.database.transaction(async (sql) => {
    await sql.query(
      `insert into results (project, taskid, index, url, result, updatetime) values ('books', 'open', 0, 'http://books.test/', '1', extract(epoch from now()))`,
    );
    await add("later", 1, Date.now() / 1_000);
    since = (await read("format=csv&fields=_taskid")).headers.get("orb-next-since");
  });

  const { text } = await read(`format=csv&fields=_taskid&since=${since}`);

  assert.deepEqual(
    taskids(text).map((line) => line.trim()),
    ["new", "open", "later"],
  );
});

test("an export since a time has what changed at it or later, and one of notSince what no run has stored since", async () => {
  for (let n = 0; n < 200; n++) await add(`task${n}`, n, 1_700_000_000 + n * 10, 1_700_010_000 + n);

  const since = await read(`format=csv&fields=result&since=${1_700_000_000 + 1_950}`);
  const asText = await read(
    `format=csv&fields=result&since=${encodeURIComponent(new Date((1_700_000_000 + 1_950) * 1_000).toISOString())}`,
  );
  const notSince = await read("format=csv&fields=result&notSince=1700010003");

  assert.deepEqual(taskids(since.text).map(Number), [195, 196, 197, 198, 199]);
  assert.equal(asText.text, since.text);
  assert.deepEqual(taskids(notSince.text).map(Number).toSorted(), [0, 1, 2]);
});

test("choices that make no sense are refused, each with what to do", async () => {
  const problems = async (query: string) => (await read(query)).json.error.problems.map(({ path }: { path: string }) => path);

  assert.deepEqual(await problems("fields=a&since=1"), ["fields", "since"]);
  assert.deepEqual(await problems("format=csv&fields=,&since=never&notSince=x&guard=1"), ["fields", "since", "notSince", "guard"]);
  assert.deepEqual(await problems("format=csv&since=1&notSince=1&search=a"), ["search", "notSince"]);
  assert.deepEqual(await problems("format=csv&notSince=99999999999999"), ["notSince"]);
});

test("the number of results is answered, and 404 for a project that does not exist", async () => {
  await addResults(store.database, "books", 12);

  const { json } = await webui.request("GET", "/projects/books/results/count");
  const { status } = await webui.request("GET", "/projects/none/results/count");

  assert.deepEqual([json, status], [{ count: 12 }, 404]);
});

test("a search finds results by URL and by content, in any case, page after page", async () => {
  await addResults(store.database, "books", 20);
  await add("special", { title: 'A "Quoted" Ünit', code: "50%_x" }, 0);
  const found = async (search: string) =>
    (await read(`search=${encodeURIComponent(search)}`)).json.results.map(({ taskid }: { taskid: string }) => taskid);

  const first = (await read("search=tom&limit=8")).json;
  const second = (await read(`search=tom&limit=8&before=${first.next}`)).json;
  const third = (await read(`search=tom&limit=8&before=${second.next}`)).json;

  assert.deepEqual(await found('"quoted" Ünit'), ["special"]);
  assert.deepEqual(await found("50%_x"), ["special"]);
  assert.deepEqual(await found("books.test/7"), ["task00000007"]);
  assert.deepEqual(await found("nowhere"), []);
  assert.deepEqual(
    [first, second, third].map(({ results }) => results.length),
    [8, 8, 4],
  );
  assert.equal(third.next, null);
});

test("a search reads a limited number of rows, and says where it stopped", async () => {
  await addResults(store.database, "books", 20_005);

  const first = (await read("search=tom")).json;
  const none = (await read("search=nowhere")).json;
  const rest = (await read(`search=tom&limit=500&before=${none.next}`)).json;

  assert.equal(first.results.length, 50);
  assert.deepEqual([none.results.length, typeof none.next], [0, "number"]);
  assert.deepEqual([rest.results.length, rest.next], [5, null]);
});
