/** The common SQL interface of Postgres (`postgres.ts`) and the embedded PGlite (`embedded.ts`). */

export type Row = Record<string, unknown>;

/** Statements run in the order of the calls; statements that are issued without waiting share a round trip. */
export interface Sql {
  /** One statement with `$1` parameters. bigint and numeric are returned as numbers (ours stay below 2^53), json as parsed values. */
  query<R extends object = Row>(text: string, params?: unknown[]): Promise<R[]>;
  /** Several statements without parameters, as in a migration. */
  exec(text: string): Promise<void>;
}

export interface Database extends Sql {
  /** Commits when `work` resolves, rolls back when it rejects. `work` must be safe to repeat, because a deadlock repeats it. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Reads rows from one JSON parameter: `from ${rowsOf("$1", "taskid text, url text")}`; one parameter for a whole batch, the same on both engines. */
export const rowsOf = (parameter: string, columns: string) => `json_to_recordset(${parameter}::json) as input(${columns})`;

/**
 * A script's value as JSON text, for a column of `rowsOf` that is declared as text and cast to json. As part of the parameter itself it would be
 * parsed, and Postgres refuses U+0000 and unpaired surrogates: one such value would fail its whole batch.
 */
export const jsonText = (value: unknown): string | undefined => JSON.stringify(value);

/**
 * Planner settings for both engines: statements find rows by key, a batch at a time. If statistics are missing or old, as in the first minutes of
 * every crawl, the planner would scan a whole table for a batch, or every dead entry of an index. A small table without an index for a statement is
 * still scanned, at a cost so high that Postgres would compile the statement first.
 */
export const PLANNER_SETTINGS = ["enable_seqscan=off", "enable_bitmapscan=off", "jit=off"];

/** SQLSTATE of a statement in a transaction that an earlier statement has aborted. */
const ABORTED = "25P02";

/** A transaction's statements, with the first error: later ones only report that the transaction is aborted. */
export function watchFailures(sql: Sql): Sql & { reasonOf(error: unknown): unknown } {
  let first: unknown;
  const watched = <T>(answer: Promise<T>) =>
    answer.catch((error) => {
      first ??= error;
      throw error;
    });
  return {
    query: (text, params) => watched(sql.query(text, params)),
    exec: (text) => watched(sql.exec(text)),
    reasonOf: (error) => ((error as { code?: string }).code === ABORTED ? first : error),
  };
}
