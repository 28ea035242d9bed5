import assert from "node:assert/strict";
import { test } from "node:test";
import { type CsvOptions, encodeCsv } from "../../../../services/core/export/csv.ts";
import type { TableSource } from "../../../../services/core/export/table.ts";
import type { ResultRow } from "../../../../services/core/store/result-queries.ts";

const row = (result: unknown, index: number): ResultRow => ({
  ...{ taskid: "t", url: "http://a.test/", index, result: JSON.stringify(result), ordinal: index, updatetime: 0, changed: 0 },
});

const GUARDED = { guard: true, bom: false };

async function csvOf(source: TableSource, options: CsvOptions = GUARDED): Promise<string> {
  let text = "";
  for await (const chunk of encodeCsv(source, options)) text += chunk;
  return text;
}

const onePage = (results: unknown[]): TableSource => ({
  open: async function* () {
    yield results.map(row);
  },
  mayGrow: false,
});

const linesOf = async (results: unknown[], options?: CsvOptions) => (await csvOf(onePage(results), options)).trimEnd().split("\r\n");

test("keys that first appear during a large export are in a last column", async () => {
  const long = "x".repeat(3_000_000);
  const before = [{ title: long }];
  const passes = [before, [...before, { title: "b", price: 1 }, "text", { url: "http://b.test/" }]];
  async function* open() {
    yield (passes.shift() ?? []).map(row);
  }

  const lines = (await csvOf({ open, mayGrow: true })).trimEnd().split("\r\n");

  assert.deepEqual(lines, [
    "url,title,...",
    `http://a.test/,${long},`,
    'http://a.test/,b,"{""price"":1}"',
    'http://a.test/,,"{""result"":""text""}"',
    'http://a.test/,,"{""url"":""http://b.test/""}"',
  ]);
});

test("a small export is read once, and has no such column even while its project is crawled", async () => {
  let passes = 0;
  async function* open() {
    passes++;
    yield [row({ title: "a", url: "http://a.test/" }, 0)];
  }

  assert.deepEqual([await csvOf({ open, mayGrow: true }), passes], ["url,title\r\nhttp://a.test/,a\r\n", 1]);
});

test("chosen columns come in their order, each once, from one pass; facts of the row have names of their own", async () => {
  const results = [{ title: "a", url: "http://own.test/", price: 1, _taskid: "mine" }, "text"];
  const fields = ["price", "url", "result.url", "_taskid", "result._taskid", "_index", "_changed", "none", "result"];

  const text = await csvOf({ ...onePage(results), fields });

  assert.deepEqual(text.split("\r\n"), [
    fields.join(","),
    "1,http://a.test/,http://own.test/,t,mine,0,1970-01-01T00:00:00.000Z,,",
    ",http://a.test/,,t,,1,1970-01-01T00:00:00.000Z,,text",
    "",
  ]);
});

test("closing the export early ends it in its first pass", async () => {
  let pages = 0;
  async function* open() {
    for (; pages < 100; pages++) yield [row({}, pages)];
  }
  const file = encodeCsv({ open, mayGrow: false }, GUARDED);

  await file.next();
  await file.return(undefined);

  assert.ok(pages < 5, String(pages));
});

/** What a spreadsheet may run as a formula (OWASP, CSV injection), and what it becomes. */
const FORMULAS = [
  ...["=1+1", "+1+1", "-1+1", "@SUM(1)", "=cmd|' /C calc'!A0", "-", "+", "@", "="],
  ...["\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "＝1", "＋1", "－1", "＠1", "-5-5", "+3.5e2e2", "-5 =1", "--5", "-0x1"],
];
const NUMBERS = ["-5", "+3.5e2", "-.5", "+7.", "-1E-9"];
const readCell = (cell: string) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);

test("a cell that a spreadsheet could run as a formula starts with an apostrophe; plain numbers stay unchanged", async () => {
  const texts = [...FORMULAS, ...NUMBERS, "a=1", "http://h/-1"];
  const rows = texts.map((text) => ({ [text]: text }));

  const csv = await csvOf(onePage(rows));
  const cells = csv.match(/(?:"(?:[^"]|"")*"|[^",\r\n]+)/g)?.map(readCell) ?? [];

  for (const cell of cells) assert.ok(NUMBERS.includes(cell) || !/^[\s\u00a0]*[=+\-@＝＋－＠]|^[\t\r\n]/.test(cell), JSON.stringify(cell));
  for (const text of FORMULAS) assert.equal(cells.filter((cell) => cell === `'${text}`).length, 2, text);
  for (const text of NUMBERS) assert.equal(cells.filter((cell) => cell === text).length, 2, text);
});

test("without the guard every text is exact", async () => {
  const lines = await linesOf([{ "=key": "=1+1", at: "@SUM(1)" }], { guard: false, bom: false });

  assert.deepEqual(lines, ["url,=key,at", "http://a.test/,=1+1,@SUM(1)"]);
});

test("a byte order mark is only at the beginning, and only if it is wanted", async () => {
  const text = await csvOf(onePage([{ a: "ä" }]), { guard: true, bom: true });

  assert.equal(text, "\ufeffurl,a\r\nhttp://a.test/,ä\r\n");
  assert.equal((await csvOf(onePage([]))).charCodeAt(0), "u".charCodeAt(0));
});

test("separators of other locales start no new cell", async () => {
  const rows = ["a;=1+1", "a\t=1+1"].map((text) => ({ text }));

  assert.deepEqual((await linesOf(rows)).slice(1), ['http://a.test/,"a;=1+1"', 'http://a.test/,"a\t=1+1"']);
});

test("numbers, lists and objects of results are written as JSON", async () => {
  const rows = [{ a: -5, b: [-1], c: { d: "=1" }, e: -1.5e300 }];

  assert.deepEqual((await linesOf(rows)).at(1), 'http://a.test/,-5,[-1],"{""d"":""=1""}",-1.5e+300');
});
