import type { ResultRow } from "../store/result-queries.ts";

/** What a column has that is not a key of the result, as JSON. */
export const FACTS: Record<string, (row: ResultRow) => string> = {
  url: ({ url }) => JSON.stringify(url),
  _taskid: ({ taskid }) => JSON.stringify(taskid),
  _index: ({ index }) => String(index),
  _stored: ({ updatetime }) => JSON.stringify(timeText(updatetime)),
  _changed: ({ changed }) => JSON.stringify(timeText(changed)),
};
/** The column of results that are not objects. */
export const VALUE_COLUMN = "result";
/** Maximum of one export, chosen or found: more than a spreadsheet can use. Further keys share the last column. */
export const MAX_COLUMNS = 1_000;
/** Longer names are not used as column names. */
export const MAX_KEY_LENGTH = 1_000;

const timeText = (seconds: number): string => new Date(seconds * 1_000).toISOString();

/** A key that is named as a fact of the row has the column `result.KEY`. */
export const columnOfKey = (key: string): string => (Object.hasOwn(FACTS, key) ? `${VALUE_COLUMN}.${key}` : key);

/** The key whose column this is; undefined for a fact of the row. */
export function keyOfColumn(column: string): string | undefined {
  if (Object.hasOwn(FACTS, column)) return undefined;
  const key = column.startsWith(`${VALUE_COLUMN}.`) ? column.slice(VALUE_COLUMN.length + 1) : "";
  return Object.hasOwn(FACTS, key) ? key : column;
}

/**
 * Reads a choice of columns, such as `title,price`: names with commas between them, in the order of the file. `\` before a comma or a `\` makes it a
 * part of the name. A repeated name counts once.
 *
 * @returns undefined if it has no name, or more than 1,000.
 */
export function parseFields(text: string): string[] | undefined {
  const names = new Set<string>();
  for (const [part] of text.matchAll(/(?:\\.|[^,\\]|\\$)+/gs)) names.add(part.replace(/\\([,\\])/g, "$1").trim());
  names.delete("");
  return names.size > 0 && names.size <= MAX_COLUMNS ? [...names] : undefined;
}

/** The text that `parseFields` reads as these names. */
export const fieldsText = (names: string[]): string => names.map((name) => name.replace(/[,\\]/g, "\\$&")).join(",");
