import pg from "pg";
import { TIME_LIMITS } from "../time-limits.ts";
import { DatabaseUnreachableError } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { type Database, PLANNER_SETTINGS, type Row, type Sql, watchFailures } from "./sql.ts";

const NUMBER_TYPES: number[] = [pg.types.builtins.INT8, pg.types.builtins.NUMERIC];
/** bigint and numeric as numbers: ours (ids, counts, seconds) stay below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: "text") =>
    NUMBER_TYPES.includes(oid) ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser,
};
/** Of one process at most. A role works through few statements at once; eight roles of five connections stay below Postgres' default of 100. */
export const CONNECTIONS = 4;
/** Also how long a statement waits for a connection that is free: on a host that is busy with an update that may take seconds. */
const CONNECT_TIMEOUT_MS = 20_000;
/** A server that vanished without a word is noticed some 10 s after this. */
const KEEP_ALIVE_MS = 10_000;
/** Deadlock, serialization failure: the transaction was rolled back whole and may run again. */
const RUN_AGAIN = ["40P01", "40001"];

export interface PostgresOptions {
  /**
   * How long Postgres waits, in ms, for this process to read on in an answer; without it: for ever. The transaction of a process that is stopped while a long
   * answer comes is not idle, and would keep its locks.
   */
  unreadMs?: number;
  /** How long a statement may take, in ms; without it: for ever. Migrations take what they need. */
  statementMs?: number;
}

/**
 * Connects and brings the schema up to date.
 *
 * @throws DatabaseUnreachableError if Postgres does not answer or refuses the login; SchemaTooNewError.
 */
export async function connectPostgres(url: string, { unreadMs = 0, statementMs = 0 }: PostgresOptions = {}): Promise<Database> {
  const pool = new pg.Pool({
    ...{ connectionString: url, max: CONNECTIONS, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, types },
    options: [...PLANNER_SETTINGS, `tcp_user_timeout=${unreadMs}`, `statement_timeout=${statementMs}`]
      .map((setting) => `-c ${setting}`)
      .join(" "),
    // Statements that do not wait for each other share a round trip.
    pipeline: true,
    ...{ keepAlive: true, keepAliveInitialDelayMillis: KEEP_ALIVE_MS },
    // A process that stopped, or whose host vanished, in the middle of a transaction must not keep its locks.
    idle_in_transaction_session_timeout: TIME_LIMITS.idleTransactionMs,
  });
  // An idle connection that breaks is replaced at the next use, which reports what is wrong.
  pool.on("error", () => {});
  try {
    await pool.query("select 1");
  } catch (cause) {
    await pool.end();
    throw new DatabaseUnreachableError(url, { cause });
  }
  const database: Database = {
    ...sqlOn(pool),
    transaction: (work) => transaction(pool, work),
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

async function transaction<T>(pool: pg.Pool, work: (sql: Sql) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    const client = await pool.connect();
    // A connection that breaks while nobody waits for an answer says so by event; the next query fails by itself.
    const ignore = () => {};
    client.on("error", ignore);
    const sql = watchFailures(sqlOn(client));
    let broken = false;
    try {
      // Not waited for: it goes out with the first statement.
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
      if (!RUN_AGAIN.includes((error as { code?: string }).code ?? "") || tries === 5) throw error;
    } finally {
      client.off("error", ignore);
      client.release(broken);
    }
  }
}
