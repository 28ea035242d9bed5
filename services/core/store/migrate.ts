import { readdir, readFile } from "node:fs/promises";
import { SchemaTooNewError } from "./errors.ts";
import type { Database, Sql } from "./sql.ts";

const FOLDER = new URL("./migrations/", import.meta.url);
/** Any number, the same in every process: one process migrates while the others wait. */
const LOCK = 7_264_001;

/**
 * Migrates the schema to the newest of `migrations/<6 digits>.sql`, each in order and once, in one transaction. A login without the right to
 * change the schema can open an up-to-date one.
 *
 * @throws SchemaTooNewError if the database is newer than this code.
 */
export async function migrate(database: Database): Promise<void> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith(".sql")).sort();
  await database.transaction(async (sql) => {
    await sql.exec("set local statement_timeout = 0");
    await sql.query("select pg_advisory_xact_lock($1)", [LOCK]);
    const done = await readVersion(sql);
    if (done > files.length) throw new SchemaTooNewError(done, files.length);
    if (done === 0)
      await sql.exec("create table if not exists migrations (id integer primary key, applied timestamptz not null default now())");
    for (const [position, file] of files.entries()) {
      if (position < done) continue;
      await sql.exec(await readFile(new URL(file, FOLDER), "utf8"));
      await sql.query("insert into migrations (id) values ($1)", [position + 1]);
    }
  });
}

async function readVersion(sql: Sql): Promise<number> {
  const [table] = await sql.query<{ exists: boolean }>("select to_regclass('migrations') is not null as exists");
  if (!table?.exists) return 0;
  const [row] = await sql.query<{ done: number }>("select coalesce(max(id), 0)::int as done from migrations");
  return row?.done ?? 0;
}
