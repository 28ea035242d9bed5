/** `console` for scripts: what is printed is kept with the task, the last characters of it. */
import { RUN_LIMITS } from "../api/run-limits.ts";

let printed = "";

/** What was printed since the last call. */
export function takeLogs(): string {
  const logs = storable(printed.slice(-RUN_LIMITS.logs));
  printed = "";
  return logs;
}

/** Databases have neither U+0000 nor halves of surrogate pairs, which also come of cutting. */
export const storable = (text: string) => text.toWellFormed().replaceAll("\0", "\uFFFD");

export function print(...values: unknown[]): void {
  printed += `${values.map(show).join(" ").slice(0, RUN_LIMITS.logs)}\n`;
  // Cutting costs a copy, so it is done once in a while.
  if (printed.length > 4 * RUN_LIMITS.logs) printed = printed.slice(-RUN_LIMITS.logs);
}

function show(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof Error) return String(value.stack ?? value);
  try {
    return (typeof value === "object" && JSON.stringify(value)) || String(value);
  } catch {
    return String(value);
  }
}

export const scriptConsole = { log: print, info: print, warn: print, error: print, debug: print, trace: print };
