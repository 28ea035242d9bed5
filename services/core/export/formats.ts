import type { ResultRow } from "../store/result-queries.ts";
import { type CsvOptions, encodeCsv } from "./csv.ts";
import { type ResultTable, type TableSource, tableOf } from "./table.ts";
import { inPieces } from "./text-pieces.ts";
import { encodeXlsx } from "./xlsx.ts";

export const RESULT_FORMATS = ["json", "jsonl", "csv", "xlsx", "txt"] as const;
export type ResultFormat = (typeof RESULT_FORMATS)[number];

export const MEDIA_TYPES: Record<ResultFormat, string> = {
  json: "application/json; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  xlsx: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
  txt: "text/plain; charset=utf-8",
};

export interface ExportOptions extends TableSource, CsvOptions {
  format: ResultFormat;
}

/**
 * The rows in a format, in short pieces. Memory: one page of rows, whatever their content.
 *
 * - `json`: an array of `{ taskid, url, index, result }`; `jsonl`: one of them per line. With `fields`, they have these columns instead; an absent key
 *   is left out.
 * - `txt`: URL, a tab, the result or the columns as JSON (pyspider's libs/result_dump.py).
 * - `csv`: see `encodeCsv`; `xlsx`: see `encodeXlsx`.
 */
export function encodeResults({ format, ...options }: ExportOptions): AsyncIterable<string | Uint8Array> {
  if (format === "csv") return encodeCsv(options, options);
  if (format === "xlsx") return encodeXlsx(options);
  return encodeTexts(format, options);
}

async function* encodeTexts(format: "json" | "jsonl" | "txt", { open, fields }: TableSource) {
  const table = fields && (yield* tableOf({ open, fields, mayGrow: false }));
  const pages = table?.pages ?? open();
  const textsOf = table ? (row: ResultRow) => chosenJson(row, table) : rowJson;
  if (format === "json") return yield* encodeJson(pages, textsOf);
  if (format === "jsonl") return yield* encodeLines(pages, textsOf);
  const valueTexts = table ? textsOf : ({ result }: ResultRow) => [onOneLine(result)];
  return yield* encodeLines(pages, (row) => [row.url.replace(/[\t\r\n]/g, encodeURIComponent), "\t", ...valueTexts(row)]);
}

type TextsOf = (row: ResultRow) => string[];

async function* encodeJson(pages: ResultTable["pages"], textsOf: TextsOf) {
  let before = "[\n";
  for await (const page of pages) {
    yield* inPieces(page.flatMap((row, place) => [place === 0 ? before : ",\n", ...textsOf(row)]));
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

async function* encodeLines(pages: ResultTable["pages"], textsOf: TextsOf) {
  for await (const page of pages) yield* inPieces(page.flatMap((row) => [...textsOf(row), "\n"]));
}

/** `{ taskid, url, index, result }` as texts to be joined. The stored text is copied unchanged: its shape costs no memory. */
export function rowJson({ taskid, url, index, result }: Pick<ResultRow, "taskid" | "url" | "index" | "result">): string[] {
  return [`{"taskid":${JSON.stringify(taskid)},"url":${JSON.stringify(url)},"index":${index},"result":`, onOneLine(result), "}"];
}

function chosenJson(row: ResultRow, { header, cellsOf }: ResultTable): string[] {
  const cells = cellsOf(row).flatMap((json, place) => (json === undefined ? [] : [`${JSON.stringify(header[place])}:${onOneLine(json)}`]));
  return ["{", cells.join(","), "}"];
}

/** A line break in JSON can only be white space; JSON Lines allow none. */
const onOneLine = (json: string): string => (/[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, " ") : json);
