import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeResults, type ResultFormat } from "../../../../services/core/export/formats.ts";

const ROW = { taskid: "a", url: 'http://h/"', index: 0, result: '{"n":1.0,\n"t":"x\\ny"}', ordinal: 1, updatetime: 0, changed: 0 };

async function textOf(format: ResultFormat, fields?: string[]): Promise<string> {
  const open = async function* () {
    yield [ROW, { ...ROW, index: 1, result: "7" }];
  };
  let text = "";
  for await (const piece of encodeResults({ format, fields, open, mayGrow: false, guard: true, bom: false })) text += piece;
  return text;
}

test("JSON lines contain the stored JSON unchanged, each on one line", async () => {
  assert.equal(
    await textOf("jsonl"),
    '{"taskid":"a","url":"http://h/\\"","index":0,"result":{"n":1.0, "t":"x\\ny"}}\n{"taskid":"a","url":"http://h/\\"","index":1,"result":7}\n',
  );
});

test("with chosen columns, a line has these, and leaves out what a result does not have", async () => {
  assert.equal(await textOf("jsonl", ["t", "url", "n", "none"]), '{"t":"x\\ny","url":"http://h/\\"","n":1.0}\n{"url":"http://h/\\""}\n');
});

test("an array and a text have chosen columns too", async () => {
  assert.deepEqual(JSON.parse(await textOf("json", ["n", "result"])), [{ n: 1 }, { result: 7 }]);
  assert.equal(await textOf("txt", ["n"]), 'http://h/"\t{"n":1.0}\nhttp://h/"\t{}\n');
});
