import pg from "pg";
import { TIME_LIMITS } from "../protocol/time-limits.ts";
import { retry } from "../runtime/retry.ts";
import { DatabaseUnreachableError } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { type Database, PLANNER_SETTINGS, type Row, type Sql, watchFailures } from "./sql.ts";

const NUMBER_TYPES: number[] = [pg.types.builtins.INT8, pg.types.builtins.NUMERIC];
/** bigint and numeric as numbers: our values (ids, counts, seconds) stay below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    NUMBER_TYPES.includes(oid) ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
/** Maximum of one process. A role runs few statements at once; eight roles with five connections stay below Postgres' default of 100. */
export const CONNECTIONS = 4;
/** Also how long a statement waits for a free connection: on a host that is busy with an update this may take seconds. */
const CONNECT_TIMEOUT_MS = 20_000;
/** The loss of a server that vanished without a reset is detected about 10 s after this. */
const KEEP_ALIVE_MS = 10_000;
/** Deadlock, serialization failure: the whole transaction was rolled back and may run again. */
const ROLLED_BACK = ["40P01", "40001"];
/** At once: the other transaction goes on when this one was rolled back. */
const RUN_AGAIN = { isTransient: isRolledBack, waitMs: 0, maxAttempts: 5 };

export interface PostgresOptions {
  /**
   * How long Postgres waits, in ms, for this process to continue reading an answer; without it: no limit. The transaction of a process that is
   * stopped during a long answer is not idle, and would keep its locks.
   */
  unreadMs?: number;
  /** Maximum duration of a statement in ms; without it: the login's limit. Migrations have no limit. */
  statementMs?: number;
}

/**
 * Connects and migrates the schema.
 *
 * @throws DatabaseUnreachableError if Postgres does not answer or refuses the login; SchemaTooNewError.
 */
export async function connectPostgres(url: string, { unreadMs = 0, statementMs }: PostgresOptions = {}): Promise<Database> {
  const pool = new pg.Pool({
    ...{ connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, types },
    options: [
      ...PLANNER_SETTINGS,
      `tcp_user_timeout=${unreadMs}`,
      ...(statementMs === undefined ? [] : [`statement_timeout=${statementMs}`]),
    ]
      .map((setting) => `-c ${setting}`)
      .join(" "),
    // Independent statements share a round trip.
    pipeline: true,
    ...{ keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS },
    // A process that was stopped, or whose host vanished, during a transaction must not keep its locks.
    idle_in_transaction_session_timeout: TIME_LIMITS.idleTransactionMs,
  });
  // An idle connection that breaks is replaced at the next use, which reports the error.
  pool.on("error", () => {});
  try {
    await pool.query("select 1");
  } catch (cause) {
    await pool.end();
    throw new DatabaseUnreachableError(url, { cause });
  }
  const database: Database = {
    ...sqlOn(pool),
    transaction: (work) => retry(() => transaction(pool, work), RUN_AGAIN),
    close: () => pool.end(),
  };
  await migrate(database);
  return database;
}

function sqlOn(client: pg.Pool | pg.PoolClient): Sql {
  return {
    query: async <R extends object = Row>(text: string, params: unknown[] = []) => (await client.query(text, params)).rows as R[],
    exec: async (text) => void (await client.query(text)),
  };
}

function isRolledBack(error: unknown): boolean {
  return ROLLED_BACK.includes((error as { code?: string }).code ?? "");
}

/** Rejects with the error of the first statement that failed. */
async function transaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  // A connection that breaks while idle reports by event; the next query fails by itself.
  const ignore = () => {};
  client.on("error", ignore);
  const sql = watchFailures(sqlOn(client));
  let broken = false;
  try {
    // Not awaited: it is sent with the first statement.
    const begun = sql.exec("begin");
    begun.catch(ignore);
    const value = await work(sql);
    await begun;
    await sql.exec("commit");
    return value;
  } catch (thrown) {
    const error = sql.reasonOf(thrown);
    await client.query("rollback").catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.off("error", ignore);
    client.release(broken);
  }
}
