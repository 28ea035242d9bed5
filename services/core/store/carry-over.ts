/** Moves the data of earlier versions, `DIR/postgres` (PGlite), to the embedded Postgres, `DIR/database`. */
import { existsSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { openEmbedded } from "./embedded.ts";
import { CarryOverError } from "./errors.ts";
import { migrate } from "./migrate.ts";
import { openPglite } from "./pglite.ts";
import type { Database, Sql } from "./sql.ts";

/** Rows that are read and written at once; results may have some MB each. */
const BATCH_ROWS = 50;

/**
 * Copies all rows of the earlier database to a new one beside it, which gets its name once it is complete and on disk. So nothing is lost if this is
 * interrupted: the next call begins again. The earlier database stays; its schema is migrated. Does nothing if there is no earlier
 * database, or if there is a new one already.
 *
 * @param directory a data directory that this process holds the lock of.
 * @param say shows one line to the user.
 * @throws CarryOverError
 */
export async function carryOver(directory: string, say: (line: string) => void): Promise<void> {
  const [earlier, current] = [join(directory, "postgres"), join(directory, "database")];
  if (!existsSync(join(earlier, "PG_VERSION")) || existsSync(current)) return;
  say(`the data in ${directory} is in the format of an earlier version; carrying it over, once`);
  try {
    const unfinished = `${current}.unfinished`;
    await rm(unfinished, { recursive: true, force: true });
    const rows = await copyDatabase(earlier, unfinished);
    await rename(unfinished, current);
    await using folder = await open(directory);
    await folder.sync();
    say(`all ${rows} rows are carried over; the earlier data in ${earlier} is not used any more, and you may delete it`);
  } catch (cause) {
    throw new CarryOverError(directory, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** Resolves to the number of rows, all of which are in the new database. */
async function copyDatabase(from: string, to: string): Promise<number> {
  const source = await openPglite(from);
  try {
    await migrate(source);
    const target = await openEmbedded(to);
    try {
      const rows = await target.transaction((sql) => copyTables(source, sql));
      await target.exec("analyze");
      return rows;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

interface Table {
  name: string;
  /** `project, taskid`: as in SQL, in their order. */
  columns: string[];
  types: string[];
}

const TABLES = `select c.oid::regclass::text as name, array_agg(quote_ident(a.attname) order by a.attnum) as columns,
    array_agg(format_type(a.atttypid, a.atttypmod) order by a.attnum) as types
  from pg_class c join pg_attribute a on a.attrelid = c.oid
  where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and a.attnum > 0 and not a.attisdropped and c.relname <> 'migrations'
  group by c.oid`;

async function copyTables(source: Database, target: Sql): Promise<number> {
  await target.exec("set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0");
  let rows = 0;
  for (const table of await source.query<Table>(TABLES)) {
    await target.exec(`delete from ${table.name}`);
    rows += await copyTable(source, target, table);
  }
  await copySequences(source, target);
  return rows;
}

/** By a cursor, so that memory holds one batch. Every value travels as the text that Postgres itself writes and reads. */
async function copyTable(source: Database, target: Sql, { name, columns, types }: Table): Promise<number> {
  const texts = columns.map((column) => `${column}::text`).join(", ");
  const parameters = columns.map((_, index) => `$${index + 1}::text[]`).join(", ");
  const typed = columns.map((column, index) => `${column}::${types[index]}`).join(", ");
  const insert = `insert into ${name} (${columns.join(", ")}) overriding system value select ${typed} from unnest(${parameters}) as input(${columns.join(", ")})`;
  const counted = await source.transaction(async (sql) => {
    await sql.exec(`declare rows cursor for select array[${texts}] as values from ${name}`);
    for (let copied = 0; ; ) {
      const batch = await sql.query<{ values: (string | null)[] }>(`fetch ${BATCH_ROWS} from rows`);
      if (batch.length === 0) return copied;
      await target.query(
        insert,
        columns.map((_, index) => batch.map(({ values }) => values[index])),
      );
      copied += batch.length;
    }
  });
  const [{ found } = { found: 0 }] = await target.query<{ found: number }>(`select count(*) as found from ${name}`);
  const [{ had } = { had: 0 }] = await source.query<{ had: number }>(`select count(*) as had from ${name}`);
  if (found !== had || found !== counted) throw new Error(`of the ${had} rows of ${name}, ${found} arrived`);
  return found;
}

/** So that numbers continue where they were. */
async function copySequences(source: Database, target: Sql): Promise<void> {
  const used = "select quote_ident(sequencename) as name, last_value as last from pg_sequences where last_value is not null";
  for (const { name, last } of await source.query<{ name: string; last: number }>(used))
    await target.query("select setval($1::regclass, $2)", [name, last]);
}
