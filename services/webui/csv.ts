import type { ResultRow } from "../core/store/result-queries.ts";
import { isJsonObject, type JsonField, jsonFields } from "./json-fields.ts";
import { inPieces, slicesOf } from "./text-pieces.ts";

/** More columns than a spreadsheet can use. Further keys share the last column, so that rows with all different keys cannot grow the file quadratically. */
const MAX_COLUMNS = 1_000;
/** Longer names are not used as column names. */
const MAX_KEY_LENGTH = 1_000;
const URL_COLUMN = "url";
const REST_COLUMN = "...";
/** The column of results that are not objects. */
const VALUE_COLUMN = "result";
/** Characters that can make spreadsheets run a formula (OWASP, CSV injection), in full-width form too; some skip white space before it. */
const FORMULA = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;
const NUMBER = /^[+-](?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

interface Columns {
  /** The columns of keys, counted from 0, in the file's order. */
  places: Map<string, number>;
  hasRest: boolean;
}

/**
 * CSV as in RFC 4180: a header, CRLF, quotes where needed.
 *
 * The first column is the page's URL, then one for each key of any result, in order of appearance. Text is unchanged, everything else is JSON; a
 * missing key is empty. If a spreadsheet could run a text as a formula, an apostrophe is put before it. A result that is not an object is in `result`.
 * A result's own `url` gets the column `result.url`, unless it is always the page's. A last column `...` has, as JSON, keys after the first 1,000,
 * keys of more than 1,000 characters, and keys that appear while the file is written.
 *
 * @param mayGrow whether results may be stored during the export: then that column always exists.
 */
export async function* encodeCsv(open: () => AsyncIterable<ResultRow[]>, mayGrow: boolean): AsyncGenerator<string> {
  const columns = yield* findColumns(open(), mayGrow);
  const names = [...columns.places.keys()].map((key) => (key === URL_COLUMN ? `${VALUE_COLUMN}.${URL_COLUMN}` : key));
  yield* inPieces(csvLine([URL_COLUMN, ...names, ...(columns.hasRest ? [REST_COLUMN] : [])]));
  for await (const page of open()) yield* inPieces(linesOf(page, columns));
}

/** Yields an empty text per page: there the stream can end when the client has disconnected. */
async function* findColumns(pages: AsyncIterable<ResultRow[]>, mayGrow: boolean): AsyncGenerator<string, Columns> {
  const places = new Map<string, number>();
  let hasRest = mayGrow;
  for await (const page of pages) {
    for (const row of page) {
      for (const field of fieldsOf(row)) {
        if (places.has(field.key) || isPageUrl(field, row)) continue;
        if (places.size < MAX_COLUMNS && field.key.length <= MAX_KEY_LENGTH) places.set(copyOf(field.key), places.size);
        else hasRest = true;
      }
    }
    yield "";
  }
  return { places, hasRest };
}

/** A substring keeps the whole text in memory. */
const copyOf = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");

const isPageUrl = ({ key, valueStart, end }: JsonField, { url, result }: ResultRow) =>
  key === URL_COLUMN && cellText(result.slice(valueStart, end)) === url;

function* fieldsOf({ result }: ResultRow): Generator<JsonField> {
  if (isJsonObject(result)) yield* jsonFields(result);
  else yield { key: VALUE_COLUMN, start: 0, valueStart: 0, end: result.length };
}

function* linesOf(page: ResultRow[], columns: Columns): Generator<string> {
  for (const row of page) yield* csvLine(cellsOf(row, columns));
}

function cellsOf(row: ResultRow, { places, hasRest }: Columns): string[] {
  const cells = [row.url, ...Array<string>(places.size).fill("")];
  const rest: { start: number; end: number }[] = [];
  for (const field of fieldsOf(row)) {
    const place = places.get(field.key);
    if (place !== undefined) cells[place + 1] = cellText(row.result.slice(field.valueStart, field.end));
    else if (hasRest && !isPageUrl(field, row)) addSpan(rest, field);
  }
  return hasRest ? [...cells, restCell(row, rest)] : cells;
}

/** Consecutive fields are one span: a result may have a million of them. */
function addSpan(spans: { start: number; end: number }[], { start, end }: JsonField): void {
  const last = spans.at(-1);
  if (last && last.end + 1 === start) last.end = end;
  else spans.push({ start, end });
}

function restCell({ result }: ResultRow, spans: { start: number; end: number }[]): string {
  if (spans.length === 0) return "";
  if (!isJsonObject(result)) return `{"${VALUE_COLUMN}":${result}}`;
  return `{${spans.map(({ start, end }) => result.slice(start, end)).join(",")}}`;
}

const cellText = (json: string): string => (json.startsWith('"') ? (JSON.parse(json) as string) : json);

function* csvLine(cells: string[]): Generator<string> {
  for (const [place, text] of cells.entries()) {
    if (place > 0) yield ",";
    yield* csvCell(text);
  }
  yield "\r\n";
}

/** Semicolons and tabs are quoted too: some spreadsheets separate cells with them. */
function* csvCell(text: string): Generator<string> {
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  if (!/[",;\t\r\n]/.test(safe)) {
    yield safe;
    return;
  }
  yield '"';
  for (const slice of slicesOf(safe)) yield slice.replaceAll('"', '""');
  yield '"';
}
