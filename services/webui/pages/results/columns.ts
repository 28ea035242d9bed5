/** Converts result rows to a table. Pure. */
import type { ResultRow } from "../api/types.ts";

/** The column of results that are not objects: texts, numbers, lists. */
export const WHOLE = "result";
/** The column of the page's URL, in the table and in exports. */
export const PAGE_COLUMN = "url";

/** What a column is called in the page: a result may have a `url` of its own. */
export const titleOf = (column: string): string => (column === PAGE_COLUMN ? "page" : column);

/** The columns of a page of results: every field of any row, in order of appearance. */
export function columnsOf(rows: Pick<ResultRow, "result">[]): string[] {
  const columns = new Set<string>();
  for (const { result } of rows) for (const name of isFields(result) ? Object.keys(result) : [WHOLE]) columns.add(name);
  return [...columns];
}

/** A row's value of a key; undefined if absent. */
export function cellOf(result: unknown, column: string | undefined): unknown {
  if (column === undefined) return undefined;
  if (!isFields(result)) return column === WHOLE ? result : undefined;
  return Object.hasOwn(result, column) ? result[column] : undefined;
}

/** Whether the results contain their page's URL, so that it needs no separate column. */
export const namesItsPage = (rows: Pick<ResultRow, "result" | "url">[]): boolean =>
  rows.every(({ result, url }) => isFields(result) && Object.values(result).includes(url));

export type CellKind = "link" | "figure" | "text" | "json" | "nothing";

/** How a value is shown. Only http and https become links: the value may come from any page. */
export function cellKind(value: unknown): CellKind {
  if (value === undefined || value === null || value === "") return "nothing";
  if (typeof value === "number" || typeof value === "boolean") return "figure";
  if (typeof value !== "string") return "json";
  return /^https?:\/\/\S+$/i.test(value) ? "link" : "text";
}

function isFields(result: unknown): result is Record<string, unknown> {
  return typeof result === "object" && result !== null && !Array.isArray(result);
}
