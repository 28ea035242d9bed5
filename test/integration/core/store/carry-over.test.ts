import assert from "node:assert/strict";
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { carryOver } from "../../../../services/core/store/carry-over.ts";
import { openEmbedded } from "../../../../services/core/store/embedded.ts";
import { CarryOverError } from "../../../../services/core/store/errors.ts";
import { migrate } from "../../../../services/core/store/migrate.ts";
import { openPglite } from "../../../../services/core/store/pglite.ts";
import type { Database } from "../../../../services/core/store/sql.ts";
import { startFixture } from "../../../fixtures/orb.ts";
import { endTree } from "../../../fixtures/process-tree.ts";
import { temporaryDirectory } from "../../../fixtures/temporary-directory.ts";
import { until } from "../../../fixtures/until.ts";

const TASKS = 1_000;
/** What a copy by JSON would refuse or change: U+0000, half a surrogate pair, spaces and repeated keys in json; quotes, braces, backslashes. */
const ODD_JSON = String.raw`{"a":  "\u0000 \ud800", "a": 1.10, "quote\"": [null, "{\\}"]}`;
const ODD_TEXT = `NULL {"a\\b",'c'}\n\tä😀`;

const original = temporaryDirectory();
let expected: Record<string, string[]>;

before(async () => {
  const database = await openPglite(join(original.path, "postgres"));
  await migrate(database);
  await fill(database);
  expected = await allRows(database);
  await database.close();
});
after(() => original[Symbol.dispose]());

async function fill(database: Database): Promise<void> {
  await database.query("insert into projects (name, script, rate, info) values ('p', $1, 0.1, $2::text::json)", [ODD_TEXT, ODD_JSON]);
  await database.query(
    `insert into tasks (project, taskid, url, status, process, save, updatetime, lastcrawltime, queue, priority)
      select 'p', number, 'http://site.test/' || number, 2, $1::text::json, null, 1764454491.8370001 + number, 0.1::float8 + 0.2, null, -1
      from generate_series(1, ${TASKS}) number`,
    [ODD_JSON],
  );
  await database.query(
    `insert into results (project, taskid, index, url, result, updatetime) select project, taskid, 0, url, $1::text::json, updatetime from tasks`,
    [ODD_JSON],
  );
  await database.exec(`insert into inbox (request) values ('{"kind": "gone"}'), ('{"kind":  "project", "project": "p"}');
    delete from inbox where id = 1;
    insert into dead_letters (project, taskid, attempt, evidence, time) values ('p', '1', nextval('attempts'), '{}', 1.5);
    insert into project_totals values ('p', 0, 1000, 0);
    insert into counters (project, at, success) values ('p', 1764454490, 1000);
    insert into chores (project, kind) values ('p', 'rerun');
    insert into host_lines values ('p', 'site.test', 1.5);
    insert into rejected_requests values (7, '{', 'no JSON', 1.5);
    insert into ended_sessions values ('*', 1764454491837);
    insert into certificate (domain, directory, passphrase_id, not_after) values ('c.test', 'https://ca.test', 'k', '2027-01-02 03:04:05.678901+00');
    insert into certificate_challenges values ('t', 'a');
    insert into kept_pages values ('p', '1', '\\x00ff275c', 4, 1.5);
    insert into script_versions (project, script) values ('p', 'an earlier script');
    update scheduler_lease set epoch = 41, holder = 'h'`);
}

/** Every row of every table as text, and the next numbers of the sequences. */
async function allRows(database: Database): Promise<Record<string, string[]>> {
  const tables = await database.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'migrations' order by tablename",
  );
  const sequences = "select sequencename || ' ' || coalesce(last_value::text, 'new') as row from pg_sequences order by sequencename";
  const rows: Record<string, string[]> = { sequences: (await database.query<{ row: string }>(sequences)).map(({ row }) => row) };
  for (const { name } of tables)
    rows[name] = (await database.query<{ row: string }>(`select t::text as row from ${name} t order by 1`)).map(({ row }) => row);
  return rows;
}

function copyOfOriginal() {
  const directory = temporaryDirectory();
  cpSync(original.path, directory.path, { recursive: true });
  return directory;
}

async function rowsOf(directory: string): Promise<Record<string, string[]>> {
  const database = await openEmbedded(join(directory, "database"));
  const rows = await allRows(database);
  await database.close();
  return rows;
}

test("every row of the earlier format is carried over, with a message, and only once", { timeout: 120_000 }, async () => {
  using directory = copyOfOriginal();
  const lines: string[] = [];

  await carryOver(directory.path, (line) => lines.push(line));
  await carryOver(directory.path, (line) => lines.push(line));

  assert.equal(expected.tasks?.length, TASKS);
  const empty = Object.keys(expected).filter((name) => expected[name]?.length === 0);
  assert.deepEqual(empty, [], "tables without a row in `fill` show nothing");
  assert.deepEqual(await rowsOf(directory.path), expected);
  const count = Object.entries(expected).reduce((sum, [name, rows]) => sum + (name === "sequences" ? 0 : rows.length), 0);
  assert.equal(lines.length, 2);
  assert.match(lines[1] ?? "", new RegExp(`^all ${count} rows are carried over`));
});

test("if carrying over is killed, the next time carries every row over", { timeout: 120_000 }, async () => {
  using directory = copyOfOriginal();
  await using program = startFixture("carry-over-main.ts", [directory.path]);
  await until("the new database is made", () => existsSync(join(directory.path, "database.unfinished/postmaster.pid")));
  endTree(program.process.pid ?? 0);
  await program.ended;
  assert.equal(existsSync(join(directory.path, "database")), false);

  await carryOver(directory.path, () => {});

  assert.deepEqual(await rowsOf(directory.path), expected);
});

test("earlier data that cannot be read is named, and neither changed nor replaced", async () => {
  using directory = copyOfOriginal();
  cpSync(join(directory.path, "postgres/PG_VERSION"), join(directory.path, "postgres/global/pg_control"));

  await assert.rejects(
    carryOver(directory.path, () => {}),
    CarryOverError,
  );

  assert.equal(existsSync(join(directory.path, "database")), false);
  assert.equal(existsSync(join(directory.path, "postgres/PG_VERSION")), true);
});
