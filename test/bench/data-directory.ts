/** What a data directory of `./orb start` takes of the disk, by part, and questions to its database. */
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";

/** Bytes with indexes, by table, the largest first; those of 64 KiB or less are left out. */
export async function tableBytes(directory: string): Promise<Record<string, number>> {
  const rows = await queryData<{ name: string; bytes: number }>(
    directory,
    `select relname as name, pg_total_relation_size(oid)::float8 as bytes from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and pg_total_relation_size(oid) > 65536 order by 2 desc`,
  );
  return Object.fromEntries(rows.map(({ name, bytes }) => [name, bytes]));
}

export async function countRows(directory: string, table: "tasks" | "results"): Promise<number> {
  const [counted] = await queryData<{ rows: number }>(directory, `select count(*)::int as rows from ${table}`);
  return counted?.rows ?? NaN;
}

/** On a connection of our own, which exists for one statement. */
async function queryData<Row>(directory: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ user: "orbweaver", database: "postgres", host: join(directory, "database") });
  await client.connect();
  return client
    .query(text)
    .then(({ rows }) => rows as Row[])
    .finally(() => client.end());
}

/** Bytes that a file, or a folder with everything in it, takes of the disk. What vanishes meanwhile counts as 0. */
export async function bytesOf(path: string): Promise<number> {
  const stat = await lstat(path).catch(() => undefined);
  if (!stat) return 0;
  const own = stat.blocks * 512;
  if (!stat.isDirectory()) return own;
  const names = await readdir(path).catch(() => []);
  const sizes = await Promise.all(names.map((name) => bytesOf(join(path, name))));
  return sizes.reduce((sum, bytes) => sum + bytes, own);
}

/** Bytes of the write-ahead log. */
export const logBytes = (directory: string) => bytesOf(join(directory, "database/pg_wal"));
