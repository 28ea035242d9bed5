import type { ResultRow } from "../core/store/result-queries.ts";

/** More columns than a spreadsheet can use; keys beyond them share the last one, so that rows of all different keys cannot make the file grow by their square. */
const MAX_COLUMNS = 1_000;
const URL_COLUMN = "url";
const REST_COLUMN = "...";
/** The column of results that are no objects. */
const VALUE_COLUMN = "result";

interface Columns {
  keys: string[];
  hasRest: boolean;
}

/**
 * CSV as RFC 4180 has it: a header, CRLF, quotes where needed.
 *
 * The first column is the page's URL, then one for each key of any result, in order of appearance. Text stands as it is, everything else
 * as JSON; a missing key is empty. A result that is no object stands in `result`. A result's own `url` gets the column `result.url`, unless it
 * is always the page's. Keys after the first 1,000 are gathered, as JSON, in a last column `...`; so are those that come up while the file is made.
 *
 * @param mayGrow whether results may be stored meanwhile: then that column is there in any case.
 */
export async function* encodeCsv(open: () => AsyncIterable<ResultRow[]>, mayGrow: boolean): AsyncGenerator<string> {
  const columns = yield* findColumns(open(), mayGrow);
  const names = columns.keys.map((key) => (key === URL_COLUMN ? `${VALUE_COLUMN}.${URL_COLUMN}` : key));
  yield csvLine([URL_COLUMN, ...names, ...(columns.hasRest ? [REST_COLUMN] : [])]);
  for await (const page of open()) yield page.map((row) => csvLine([row.url, ...cellsOf(row, columns)])).join("");
}

/** Yields an empty text a page: there it can be ended when nobody waits for the file any more. */
async function* findColumns(pages: AsyncIterable<ResultRow[]>, mayGrow: boolean): AsyncGenerator<string, Columns> {
  const keys = new Set<string>();
  let hasRest = mayGrow;
  for await (const page of pages) {
    for (const row of page) {
      for (const [key, value] of fieldsOf(row)) {
        if (keys.has(key) || isPageUrl(key, value, row)) continue;
        if (keys.size < MAX_COLUMNS) keys.add(key);
        else hasRest = true;
      }
    }
    yield "";
  }
  return { keys: [...keys], hasRest };
}

const isPageUrl = (key: string, value: unknown, { url }: ResultRow) => key === URL_COLUMN && value === url;

function fieldsOf({ result }: ResultRow): Map<string, unknown> {
  const value: unknown = JSON.parse(result);
  const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
  return new Map(isRecord ? Object.entries(value) : [[VALUE_COLUMN, value]]);
}

function cellsOf(row: ResultRow, { keys, hasRest }: Columns): string[] {
  const fields = fieldsOf(row);
  const cells = keys.map((key) => cellText(fields.get(key)));
  if (!hasRest) return cells;
  const known = new Set(keys);
  const rest = [...fields].filter(([key, value]) => !known.has(key) && !isPageUrl(key, value, row));
  return [...cells, rest.length > 0 ? JSON.stringify(Object.fromEntries(rest)) : ""];
}

const cellText = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));

const csvLine = (cells: string[]): string => `${cells.map(csvCell).join(",")}\r\n`;

const csvCell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
