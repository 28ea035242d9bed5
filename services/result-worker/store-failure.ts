import { CrawlerError } from "../core/errors.ts";

/** `data`: one of the outcomes cannot be stored. `passing`: trying again may help. `fatal`: a bug, or the database is gone for good. */
export type StoreFailure = "data" | "passing" | "fatal";

/** SQLSTATE classes (PostgreSQL documentation, appendix A): data exception, integrity constraint violation, program limit exceeded. */
const DATA_CLASSES = ["22", "23", "54"];
/** Syntax error or missing table or right; invalid authorization; invalid schema. */
const FATAL_CLASSES = ["42", "28", "3F"];

/** What a rejected statement calls for. Errors without a SQLSTATE are a connection's, unless JavaScript itself threw them. */
export function classifyStoreFailure(error: unknown): StoreFailure {
  if (error instanceof CrawlerError) return error.retryable ? "passing" : "fatal";
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) return "fatal";
  const { code } = error as { code?: unknown };
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return "passing";
  if (DATA_CLASSES.includes(code.slice(0, 2))) return "data";
  return FATAL_CLASSES.includes(code.slice(0, 2)) ? "fatal" : "passing";
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** How long to wait after so many failures in a row (from 1): 100 ms, doubled each time, 5 s at most. */
export const backOffMs = (failures: number): number => Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS);
