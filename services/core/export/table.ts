import { MIB } from "../protocol/byte-units.ts";
import type { ResultRow } from "../store/result-queries.ts";
import { columnOfKey, FACTS, keyOfColumn, MAX_COLUMNS, MAX_KEY_LENGTH, VALUE_COLUMN } from "./columns.ts";
import { isJsonObject, type JsonField, jsonFields } from "./json-fields.ts";

const URL_COLUMN = "url";
const REST_COLUMN = "...";
/** Results of fewer characters are read once: they cannot change between two passes. */
const HELD_LENGTH = 2 * MIB;

/** Results as a table. */
export interface ResultTable {
  header: string[];
  pages: AsyncIterable<ResultRow[]> | Iterable<ResultRow[]>;
  /** The JSON text of each cell, in the header's order; undefined if the result has no such key. */
  cellsOf(row: ResultRow): (string | undefined)[];
}

export interface TableSource {
  /** Begins a new pass over the rows, in pages. */
  open: () => AsyncIterable<ResultRow[]>;
  /** Whether results may be stored during the export. */
  mayGrow: boolean;
  /** Columns by name, see `parseFields`; without it all. */
  fields?: string[] | undefined;
}

/**
 * The columns of results.
 *
 * Without `fields`, the first column is the page's URL, then one for each key of any result, in order of appearance: this reads the rows twice. A
 * result that is not an object is in `result`. A result's own `url` gets the column `result.url`, unless it is always the page's. A last column `...`
 * has, as JSON, keys after the first 1,000, keys of more than 1,000 characters, and keys that appear while the file is written.
 *
 * @returns by `yield*`; it yields an empty text for each page of the first pass: there a stream can end when the client has disconnected.
 */
export async function* tableOf({ open, mayGrow, fields }: TableSource): AsyncGenerator<string, ResultTable> {
  if (fields) return chosenTable(fields, open());
  const { places, hasRest, held } = yield* findColumns(open());
  const rest = hasRest || (mayGrow && !held);
  return {
    header: [URL_COLUMN, ...[...places.keys()].map(columnOfKey), ...(rest ? [REST_COLUMN] : [])],
    pages: held ?? open(),
    cellsOf: (row) => cellsOf(row, places, rest),
  };
}

function chosenTable(fields: string[], pages: AsyncIterable<ResultRow[]>): ResultTable {
  const keys = fields.map(keyOfColumn);
  const places = new Map(keys.flatMap((key, place) => (key === undefined ? [] : [[key, place] as const])));
  return {
    header: fields,
    pages,
    cellsOf(row) {
      const cells = fields.map((field, place) => (keys[place] === undefined ? FACTS[field]?.(row) : undefined));
      for (const { key, valueStart, end } of fieldsOf(row)) {
        const place = places.get(key);
        if (place !== undefined) cells[place] = row.result.slice(valueStart, end);
      }
      return cells;
    },
  };
}

interface Columns {
  /** The columns of keys, counted from 0, in the file's order. */
  places: Map<string, number>;
  hasRest: boolean;
  /** All pages, if they are small. */
  held: ResultRow[][] | undefined;
}

async function* findColumns(pages: AsyncIterable<ResultRow[]>): AsyncGenerator<string, Columns> {
  const places = new Map<string, number>();
  let hasRest = false;
  let held: ResultRow[][] | undefined = [];
  let length = 0;
  for await (const page of pages) {
    for (const row of page) {
      length += row.result.length;
      for (const field of fieldsOf(row)) {
        if (places.has(field.key) || isPageUrl(field, row)) continue;
        if (places.size < MAX_COLUMNS && field.key.length <= MAX_KEY_LENGTH) places.set(copyOf(field.key), places.size);
        else hasRest = true;
      }
    }
    held = length < HELD_LENGTH ? held : undefined;
    held?.push(page);
    yield "";
  }
  return { places, hasRest, held };
}

/** A substring keeps the whole text in memory. */
const copyOf = (text: string): string => Buffer.from(text, "utf16le").toString("utf16le");

const isPageUrl = ({ key, valueStart, end }: JsonField, { url, result }: ResultRow) =>
  key === URL_COLUMN && cellText(result.slice(valueStart, end)) === url;

/** A cell of JSON as text: text is unchanged, everything else is JSON. */
export const cellText = (json: string): string => (json.startsWith('"') ? (JSON.parse(json) as string) : json);

function* fieldsOf({ result }: ResultRow): Generator<JsonField> {
  if (isJsonObject(result)) yield* jsonFields(result);
  else yield { key: VALUE_COLUMN, start: 0, valueStart: 0, end: result.length };
}

function cellsOf(row: ResultRow, places: Map<string, number>, hasRest: boolean): (string | undefined)[] {
  const cells: (string | undefined)[] = [FACTS.url?.(row), ...Array<undefined>(places.size)];
  const rest: { start: number; end: number }[] = [];
  for (const field of fieldsOf(row)) {
    const place = places.get(field.key);
    if (place !== undefined) cells[place + 1] = row.result.slice(field.valueStart, field.end);
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

function restCell({ result }: ResultRow, spans: { start: number; end: number }[]): string | undefined {
  if (spans.length === 0) return undefined;
  if (!isJsonObject(result)) return `{"${VALUE_COLUMN}":${result}}`;
  return `{${spans.map(({ start, end }) => result.slice(start, end)).join(",")}}`;
}
