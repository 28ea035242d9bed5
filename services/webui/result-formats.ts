import type { ResultRow } from "../core/store/result-queries.ts";
import { encodeCsv } from "./csv.ts";
import type { ResultFormat } from "./schemas.ts";
import { inPieces } from "./text-pieces.ts";

export const MEDIA_TYPES: Record<ResultFormat, string> = {
  json: "application/json; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  txt: "text/plain; charset=utf-8",
};

/**
 * The rows as text of a format, in short pieces. Memory: one page of rows, whatever their content.
 *
 * - `json`: an array of `{ taskid, url, index, result }`; `jsonl`: one of them per line, as in `./orb run --out`.
 * - `txt`: URL, a tab, the result as JSON (pyspider's libs/result_dump.py).
 * - `csv`: see `encodeCsv`; reads the rows twice.
 *
 * @param open begins a new pass over the rows, in pages.
 * @param mayGrow whether results may be stored during the export.
 */
export function encodeResults(format: ResultFormat, open: () => AsyncIterable<ResultRow[]>, mayGrow: boolean): AsyncIterable<string> {
  if (format === "json") return encodeJson(open());
  if (format === "jsonl") return encodeLines(open(), rowJson);
  if (format === "txt")
    return encodeLines(open(), ({ url, result }) => [url.replace(/[\t\r\n]/g, encodeURIComponent), "\t", onOneLine(result)]);
  return encodeCsv(open, mayGrow);
}

async function* encodeJson(pages: AsyncIterable<ResultRow[]>) {
  let before = "[\n";
  for await (const page of pages) {
    yield* inPieces(page.flatMap((row, place) => [place === 0 ? before : ",\n", ...rowJson(row)]));
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

async function* encodeLines(pages: AsyncIterable<ResultRow[]>, textsOf: (row: ResultRow) => string[]) {
  for await (const page of pages) yield* inPieces(page.flatMap((row) => [...textsOf(row), "\n"]));
}

/** `{ taskid, url, index, result }` as texts to be joined. The stored text is copied unchanged: its shape costs no memory. */
export function rowJson({ taskid, url, index, result }: Pick<ResultRow, "taskid" | "url" | "index" | "result">): string[] {
  return [`{"taskid":${JSON.stringify(taskid)},"url":${JSON.stringify(url)},"index":${index},"result":`, onOneLine(result), "}"];
}

/** A line break in JSON can only be white space; JSON Lines allow none. */
const onOneLine = (json: string): string => (/[\r\n]/.test(json) ? json.replace(/[\r\n]+/g, " ") : json);
