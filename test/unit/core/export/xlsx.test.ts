import assert from "node:assert/strict";
import { test } from "node:test";
import { inflateRawSync } from "node:zlib";
import { encodeXlsx } from "../../../../services/core/export/xlsx.ts";
import type { ResultRow } from "../../../../services/core/store/result-queries.ts";

const row = (result: unknown, index: number): ResultRow => ({
  ...{ taskid: "t", url: "http://a.test/", index, result: JSON.stringify(result), ordinal: index, updatetime: 0, changed: 0 },
});

/** The files of a workbook, by name. */
async function filesOf(results: unknown[], maxRows?: number): Promise<Map<string, string>> {
  const open = async function* () {
    for (const [index, result] of results.entries()) yield [row(result, index)];
  };
  const pieces: Uint8Array[] = [];
  for await (const piece of encodeXlsx({ open, mayGrow: false }, maxRows)) if (typeof piece !== "string") pieces.push(piece);
  return unzip(Buffer.concat(pieces));
}

/** By the central directory, as spreadsheets read it. */
function unzip(zip: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = zip.lastIndexOf("PK\u0005\u0006");
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [size, nameLength] = [zip.readUInt32LE(at + 20), zip.readUInt16LE(at + 28)];
    const local = zip.readUInt32LE(at + 42);
    const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    files.set(zip.toString("utf8", at + 46, at + 46 + nameLength), inflateRawSync(zip.subarray(start, start + size)).toString());
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return files;
}

/** The cells of a sheet's last row by their place: [type, value]. */
const lastRow = (sheet: string) =>
  [
    ...(sheet.match(/<row r="\d+">(?:(?!<row).)*<\/row>/gs)?.at(-1) ?? "").matchAll(
      /<c r="([A-Z]+)\d+"(?: t="(\w+)")?>(?:<is><t[^>]*>|<v>)(.*?)<\/[tv]>/gs,
    ),
  ].map(([, place, type = "n", value]) => [place, type, value]);

test("numbers and booleans are values, text is text and never a formula, a long number keeps all its digits", async () => {
  const result = { a: "=1+1", b: -1.5e3, c: true, d: null, e: ["x"], f: 123456789012345 };

  const files = await filesOf([{ ...result, g: 1 }, result]);

  assert.deepEqual(lastRow(files.get("xl/worksheets/sheet1.xml") ?? ""), [
    ["A", "inlineStr", "http://a.test/"],
    ["B", "inlineStr", "=1+1"],
    ["C", "n", "-1500"],
    ["D", "b", "1"],
    ["F", "inlineStr", '["x"]'],
    ["G", "n", "123456789012345"],
  ]);
});

test("an id of more than 15 digits is text", async () => {
  const files = await filesOf([1234567890123456]);

  assert.deepEqual(lastRow(files.get("xl/worksheets/sheet1.xml") ?? "").at(-1), ["B", "inlineStr", "1234567890123456"]);
});

test("characters that XML cannot have are escaped as spreadsheets read them, and text that looks like it too", async () => {
  const files = await filesOf(["<a&b>\u0000\r\n\ud800_x000D_ ä😀"]);

  assert.equal(lastRow(files.get("xl/worksheets/sheet1.xml") ?? "").at(-1)?.[2], "&lt;a&amp;b&gt;_x0000__x000D_\n\ufffd_x005F_x000D_ ä😀");
});

test("text of a cell is cut at 32,767 characters, visibly", async () => {
  const files = await filesOf(["x".repeat(40_000), "y".repeat(32_767)]);

  const sheet = files.get("xl/worksheets/sheet1.xml") ?? "";
  assert.match(sheet, /x{32766}…</);
  assert.match(sheet, />y{32767}</);
});

test("more rows than a sheet takes are on further sheets, each with the header", async () => {
  const files = await filesOf([1, 2, 3, 4, 5], 3);

  const sheets = [1, 2, 3].map((n) => files.get(`xl/worksheets/sheet${n}.xml`)?.match(/<row /g)?.length);
  assert.deepEqual(sheets, [3, 3, 2]);
  assert.match(files.get("xl/workbook.xml") ?? "", /name="Results".*name="Results 2".*name="Results 3"/);
  for (const n of [1, 2, 3]) assert.match(files.get("[Content_Types].xml") ?? "", new RegExp(`/xl/worksheets/sheet${n}.xml`));
});

test("a workbook without results has one sheet with a header", async () => {
  const files = await filesOf([]);

  assert.deepEqual(lastRow(files.get("xl/worksheets/sheet1.xml") ?? ""), [["A", "inlineStr", "url"]]);
});

test("a source that fails fails the workbook", async () => {
  const open = async function* () {
    yield [row("x".repeat(3_000_000), 0)];
    if (++passes > 1) throw new Error("gone");
  };
  let passes = 0;
  const read = async () => {
    for await (const _piece of encodeXlsx({ open, mayGrow: false }));
  };

  await assert.rejects(read, /gone/);
});

test("a workbook that is closed early closes its source", async () => {
  let isClosed = false;
  const open = async function* () {
    try {
      for (let n = 0; ; n++) yield [row(Math.random().toString().repeat(100_000), n)];
    } finally {
      isClosed = true;
    }
  };
  const book = encodeXlsx({ open, mayGrow: false, fields: ["result"] });

  for (let piece = 0; piece < 5; piece++) await book.next();
  await book.return(undefined);

  assert.equal(isClosed, true);
});
