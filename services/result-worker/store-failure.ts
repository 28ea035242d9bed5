import { CrawlerError } from "../core/protocol/errors.ts";

/** `data`: one of the outcomes cannot be stored. `passing`: a retry may help. `fatal`: a bug, or the database is gone permanently. */
export type StoreFailure = "data" | "passing" | "fatal";

/** SQLSTATE classes (PostgreSQL documentation, appendix A): data exception, integrity constraint violation, program limit exceeded. */
const DATA_CLASSES = ["22", "23", "54"];
/** Syntax error or missing table or right; invalid authorization; invalid schema. */
const FATAL_CLASSES = ["42", "28", "3F"];

/** Classifies a rejected statement. Errors without a SQLSTATE are a connection's, unless JavaScript itself threw them. */
export function classifyStoreFailure(error: unknown): StoreFailure {
  if (error instanceof CrawlerError) return error.retryable ? "passing" : "fatal";
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError) return "fatal";
  const { code } = error as { code?: unknown };
  if (typeof code !== "string" || !/^[0-9A-Z]{5}$/.test(code)) return "passing";
  if (DATA_CLASSES.includes(code.slice(0, 2))) return "data";
  return FATAL_CLASSES.includes(code.slice(0, 2)) ? "fatal" : "passing";
}
