import type { ResultRow } from "../core/store/result-queries.ts";
import { encodeCsv } from "./csv.ts";
import type { ResultFormat } from "./schemas.ts";

export const MEDIA_TYPES: Record<ResultFormat, string> = {
  json: "application/json; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
  csv: "text/csv; charset=utf-8; header=present",
  txt: "text/plain; charset=utf-8",
};

/**
 * The rows as text of a format, a chunk a page.
 *
 * - `json`: an array of `{ taskid, url, index, result }`; `jsonl`: one of them a line, as `./orb run --out` writes it.
 * - `txt`: URL, a tab, the result as JSON (pyspider's libs/result_dump.py).
 * - `csv`: see `encodeCsv`; reads the rows twice.
 *
 * @param open begins a fresh pass over the rows, in pages.
 * @param mayGrow whether results may be stored meanwhile.
 */
export function encodeResults(format: ResultFormat, open: () => AsyncIterable<ResultRow[]>, mayGrow: boolean): AsyncIterable<string> {
  if (format === "json") return encodeJson(open());
  if (format === "jsonl") return encodeLines(open(), toJson);
  if (format === "txt")
    return encodeLines(open(), ({ url, result }) => `${url.replace(/[\t\r\n]/g, encodeURIComponent)}\t${onOneLine(result)}`);
  return encodeCsv(open, mayGrow);
}

async function* encodeJson(pages: AsyncIterable<ResultRow[]>) {
  let before = "[\n";
  for await (const page of pages) {
    yield before + page.map(toJson).join(",\n");
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

async function* encodeLines(pages: AsyncIterable<ResultRow[]>, toLine: (row: ResultRow) => string) {
  for await (const page of pages) yield page.map((row) => `${toLine(row)}\n`).join("");
}

/** The stored text is passed on as it is: parsing and printing it again would cost more than all the rest. */
function toJson({ taskid, url, index, result }: ResultRow): string {
  return `{"taskid":${JSON.stringify(taskid)},"url":${JSON.stringify(url)},"index":${index},"result":${onOneLine(result)}}`;
}

/** JSON may hold line breaks between its tokens; a line of JSON lines may not. */
const onOneLine = (json: string): string => (/[\r\n]/.test(json) ? JSON.stringify(JSON.parse(json)) : json);
