/** The disk that the embedded database takes while the same tasks are crawled again and again. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { MIB } from "../../../../services/core/protocol/byte-units.ts";
import { openEmbedded } from "../../../../services/core/store/embedded.ts";
import type { Database } from "../../../../services/core/store/sql.ts";
import { temporaryDirectory } from "../../../fixtures/temporary-directory.ts";
import { until } from "../../../fixtures/until.ts";

const TASKS = 5_000;
const ROUNDS = 5;
/** A crawl writes a task's row about so often: new, dispatched, stored, ended. */
const WRITES_PER_CRAWL = 4;
/** `max_wal_size`, and what is written until the checkpoint that it starts has ended. */
const MAX_LOG_BYTES = 64 * MIB;

/** The file that is written, and the next. */
const MAX_NEW_LOG_BYTES = 2 * MIB;

const insert = (database: Database) =>
  database.query(
    `insert into tasks (project, taskid, url, status, process, track, updatetime)
      select 'p', number, 'http://site.test/page/' || number, 1, '{"callback":"page"}', json_build_object('text', repeat('x', 500)), number
      from generate_series(1, ${TASKS}) number`,
  );

async function recrawl(database: Database): Promise<void> {
  for (let write = 0; write < WRITES_PER_CRAWL; write++)
    await database.query("update tasks set ordinal = nextval('task_order'), updatetime = updatetime + 1, queue = $1", [write % 2 || null]);
}

/** Waits until every dead row that is there now has been vacuumed. */
async function vacuumed(database: Database): Promise<void> {
  const read = async () => {
    const [row] = await database.query<{ count: number; dead: number }>(
      "select autovacuum_count as count, n_dead_tup as dead from pg_stat_user_tables where relname = 'tasks'",
    );
    return row ?? { count: 0, dead: 0 };
  };
  const { count } = await read();
  await until("a vacuum has passed", async () => (await read()).count > count);
  // One that was running already may have missed the last rows.
  await until("no dead rows are left", async () => (await read()).dead < TASKS * 0.2);
}

async function sizes(database: Database): Promise<{ table: number; log: number }> {
  const [row] = await database.query<{ table: number; log: number }>(
    "select pg_total_relation_size('tasks') as table, (select sum(size) from pg_ls_waldir()) as log",
  );
  return row ?? { table: 0, log: 0 };
}

test("the disk stays flat however often the same tasks are crawled, and a clear frees it", { timeout: 300_000 }, async () => {
  using directory = temporaryDirectory();
  const database = await openEmbedded(join(directory.path, "database"));
  await insert(database);
  await recrawl(database);
  await vacuumed(database);
  const first = await sizes(database);

  for (let round = 0; round < ROUNDS; round++) {
    await recrawl(database);
    await vacuumed(database);
  }
  const last = await sizes(database);
  await database.query("delete from tasks");
  await until("the table's pages are returned", async () => (await sizes(database)).table < first.table / 2);
  await insert(database);
  const again = await sizes(database);
  await database.close();

  const shown = JSON.stringify({ first, last, again });
  assert.ok(last.table < first.table * 1.3, shown);
  assert.ok(again.table < first.table, shown);
  assert.ok(last.log < MAX_LOG_BYTES, shown);
});

test("a new database has no log files for later use", { timeout: 120_000 }, async () => {
  using directory = temporaryDirectory();
  const database = await openEmbedded(join(directory.path, "database"));

  const { log } = await sizes(database);
  await database.close();

  assert.ok(log <= MAX_NEW_LOG_BYTES, `${log} bytes`);
});
