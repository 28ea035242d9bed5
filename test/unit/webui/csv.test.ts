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

test("what comes up while the file is made stands in a last column", async () => {
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

test("a crawl that is over needs no such column", async () => {
  const rows = [{ title: "a", url: "http://a.test/" }];

  assert.deepEqual(await linesOf([rows, rows], false), ["url,title", "http://a.test/,a"]);
});

test("who waits for the file no more ends it in its first pass", async () => {
  let pages = 0;
  async function* open() {
    for (; pages < 100; pages++) yield [row({}, pages)];
  }
  const file = encodeCsv(open, false);

  await file.next();
  await file.return(undefined);

  assert.ok(pages < 5, String(pages));
});
