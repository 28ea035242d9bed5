/** The choices of an export as a query of the API. Pure. */
import { fieldsText } from "../../../core/export/columns.ts";
import type { ResultFormat } from "../api/types.ts";

export interface ExportChoice {
  format: ResultFormat;
  /** Undefined: all columns. */
  columns: string[] | undefined;
  rows: "all" | "since" | "notSince";
  /** Local time as a date field has it, `2026-01-31T12:00`; empty if none is given. */
  time: string;
  guard: boolean;
  bom: boolean;
}

/** A spreadsheet on this machine opens what a browser downloads: it must read UTF-8 and run nothing. */
export const FIRST_CHOICE: ExportChoice = { format: "csv", columns: undefined, rows: "all", time: "", guard: true, bom: true };

/** The query; undefined while a time is missing. */
export function exportQuery({ format, columns, rows, time, guard, bom }: ExportChoice): Record<string, string> | undefined {
  const date = new Date(time);
  if (rows !== "all" && Number.isNaN(date.getTime())) return undefined;
  return {
    format,
    ...(columns ? { fields: fieldsText(columns) } : {}),
    ...(rows === "all" ? {} : { [rows]: date.toISOString() }),
    ...(format === "csv" ? { guard: String(guard), bom: String(bom) } : {}),
  };
}
