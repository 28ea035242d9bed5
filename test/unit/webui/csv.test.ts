import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResultRow } from "../../../services/core/store/result-queries.ts";
import { encodeCsv } from "../../../services/webui/csv.ts";

const row = (result: unknown, index: number): ResultRow => ({
  ...{ taskid: "t", url: "http://a.test/", index, result: JSON.stringify(result), ordinal: index, updatetime: 0 },
});

/** Each pass sees the rows of its turn. */
async function linesOf(passes: unknown[][], mayGrow: boolean): Promise<string[]> {
  async function* open() {
    yield (passes.shift() ?? []).map(row);
  }
  let text = "";
  for await (const chunk of encodeCsv(open, mayGrow)) text += chunk;
  return text.trimEnd().split("\r\n");
}

test("keys that first appear during the export are in a last column", async () => {
  const before = [{ title: "a" }];
  const after = [...before, { title: "b", price: 1 }, "text", { url: "http://b.test/" }];

  assert.deepEqual(await linesOf([before, after], true), [
    "url,title,...",
    "http://a.test/,a,",
    'http://a.test/,b,"{""price"":1}"',
    'http://a.test/,,"{""result"":""text""}"',
    'http://a.test/,,"{""url"":""http://b.test/""}"',
  ]);
});

test("an export of a completed crawl has no such column", async () => {
  const rows = [{ title: "a", url: "http://a.test/" }];

  assert.deepEqual(await linesOf([rows, rows], false), ["url,title", "http://a.test/,a"]);
});

test("closing the export early ends it in its first pass", async () => {
  let pages = 0;
  async function* open() {
    for (; pages < 100; pages++) yield [row({}, pages)];
  }
  const file = encodeCsv(open, false);

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

  async function* open() {
    yield rows.map(row);
  }
  let csv = "";
  for await (const chunk of encodeCsv(open, false)) csv += chunk;
  const cells = csv.match(/(?:"(?:[^"]|"")*"|[^",\r\n]+)/g)?.map(readCell) ?? [];

  for (const cell of cells) assert.ok(NUMBERS.includes(cell) || !/^[\s\u00a0]*[=+\-@＝＋－＠]|^[\t\r\n]/.test(cell), JSON.stringify(cell));
  for (const text of FORMULAS) assert.equal(cells.filter((cell) => cell === `'${text}`).length, 2, text);
  for (const text of NUMBERS) assert.equal(cells.filter((cell) => cell === text).length, 2, text);
});

test("separators of other locales start no new cell", async () => {
  const rows = ["a;=1+1", "a\t=1+1"].map((text) => ({ text }));

  assert.deepEqual((await linesOf([rows, rows], false)).slice(1), ['http://a.test/,"a;=1+1"', 'http://a.test/,"a\t=1+1"']);
});

test("numbers, lists and objects of results are written as JSON", async () => {
  const rows = [{ a: -5, b: [-1], c: { d: "=1" }, e: -1.5e300 }];

  assert.deepEqual((await linesOf([rows, rows], false)).at(1), 'http://a.test/,-5,[-1],"{""d"":""=1""}",-1.5e+300');
});
