/** How result rows become a table. Pure. */
import type { ResultRow } from "../api/types.ts";

/** The column of results that are no objects: texts, numbers, lists. */
export const WHOLE = "result";

/** The columns of a page of results: every field that a row has, in the order in which they turn up. */
export function columnsOf(rows: Pick<ResultRow, "result">[]): string[] {
  const columns = new Set<string>();
  for (const { result } of rows) for (const name of isFields(result) ? Object.keys(result) : [WHOLE]) columns.add(name);
  return [...columns];
}

/** What a row has in a column; undefined if nothing. */
export function cellOf(result: unknown, column: string): unknown {
  if (!isFields(result)) return column === WHOLE ? result : undefined;
  return Object.hasOwn(result, column) ? result[column] : undefined;
}

/** Whether the results name their page themselves, so that it needs no column of its own. */
export const namesItsPage = (rows: Pick<ResultRow, "result" | "url">[]): boolean =>
  rows.every(({ result, url }) => isFields(result) && Object.values(result).includes(url));

export type CellKind = "link" | "figure" | "text" | "json" | "nothing";

/** How a value is shown. Only http and https are made links: a script may have taken anything from a page. */
export function cellKind(value: unknown): CellKind {
  if (value === undefined || value === null || value === "") return "nothing";
  if (typeof value === "number" || typeof value === "boolean") return "figure";
  if (typeof value !== "string") return "json";
  return /^https?:\/\/\S+$/i.test(value) ? "link" : "text";
}

function isFields(result: unknown): result is Record<string, unknown> {
  return typeof result === "object" && result !== null && !Array.isArray(result);
}
