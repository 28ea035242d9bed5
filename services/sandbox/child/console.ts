/** `console` for scripts: the output is stored with the task, its last characters. */
import { toStorable } from "../../core/protocol/checks.ts";
import { RUN_LIMITS } from "../../sdk/run-limits.ts";

let printed = "";

/** The output since the last call. */
export function takeLogs(): string {
  const logs = toStorable(printed.slice(-RUN_LIMITS.logs));
  printed = "";
  return logs;
}

export function print(...values: unknown[]): void {
  printed += `${values.map(show).join(" ").slice(0, RUN_LIMITS.logs)}\n`;
  // Cutting costs a copy, so it runs rarely.
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
