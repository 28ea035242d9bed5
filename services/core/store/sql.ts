/** The little of SQL access that both Postgres (`postgres.ts`) and the embedded PGlite (`embedded.ts`) give. */

export type Row = Record<string, unknown>;

/** Statements run in the order in which they are asked for; those that are asked for without waiting share a round trip. */
export interface Sql {
  /** One statement with `$1` parameters. bigint and numeric come back as numbers (ours stay below 2^53), json as parsed values. */
  query<R extends object = Row>(text: string, params?: unknown[]): Promise<R[]>;
  /** Several statements without parameters, as a migration has them. */
  exec(text: string): Promise<void>;
}

export interface Database extends Sql {
  /** Commits when `work` resolves, rolls back when it rejects. `work` must be safe to run again: a deadlock's victim is. */
  transaction<T>(work: (sql: Sql) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** Reads rows from one JSON parameter: `from ${rowsOf("$1", "taskid text, url text")}`; one parameter for a whole batch, the same on both engines. */
export const rowsOf = (parameter: string, columns: string) => `json_to_recordset(${parameter}::json) as input(${columns})`;

/**
 * A value of a script's as JSON text, for a column of `rowsOf` that is declared as text and cast to json. As part of the parameter itself it would be
 * taken apart, and Postgres refuses that where a text holds U+0000 or half a surrogate pair: one such value would fail its whole batch.
 */
export const jsonText = (value: unknown): string | undefined => JSON.stringify(value);

/**
 * How the planner is to find rows, on both engines: statements name them by key, a batch at a time. Where statistics are missing or old, as in every
 * crawl's first minutes, it would rather read a whole table for a batch, or each dead entry of an index. A small table that has no index for a statement
 * is read whole all the same, at a cost that looks so high that Postgres would compile the statement first.
 */
export const PLANNER_SETTINGS = ["enable_seqscan=off", "enable_bitmapscan=off", "jit=off"];

/** SQLSTATE of a statement in a transaction that a statement before it has spoilt. */
const ABORTED = "25P02";

/** A transaction's statements, with what failed first: those that went out behind it only say that the transaction is aborted. */
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
