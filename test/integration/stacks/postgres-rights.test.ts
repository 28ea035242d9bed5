/** What each login of Postgres may do, asked of a real server: every table, column, sequence and function, and every lock. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type pg from "pg";
import { DATABASE_RIGHTS, PRIVILEGES, SESSION_LIMITS, type StoreLogin } from "../../../stacks/render/postgres-rights.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled } from "../../fixtures/postgres-server.ts";
import { connectClient, startPostgresWithLogins } from "../../fixtures/postgres-with-logins.ts";

const skip = !postgresIsInstalled && POSTGRES_IS_MISSING;
const LOGINS = Object.keys(DATABASE_RIGHTS) as StoreLogin[];
const LOCKS = [
  ...["access share", "row share", "row exclusive", "share update exclusive"],
  ...["share", "share row exclusive", "exclusive", "access exclusive"],
];

describe("logins of Postgres", { skip }, () => {
  let store: Awaited<ReturnType<typeof startPostgresWithLogins>>;
  const ask = async <R extends object>(text: string, params: unknown[] = []) => (await store.superuser.query(text, params)).rows as R[];
  const names = async (relkinds: string) =>
    (
      await ask<{ name: string }>("select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind = $1", [
        relkinds,
      ])
    ).map(({ name }) => name);
  before(async () => {
    store = await startPostgresWithLogins();
  });
  after(() => store[Symbol.asyncDispose]());

  test("each login has exactly its declared rights on every table and column", async (context) => {
    const columns = await ask<{ name: string; column: string }>(
      `select c.relname as name, a.attname as column from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped`,
    );
    const wrong: string[] = [];
    for (const login of LOGINS) {
      const { tables } = DATABASE_RIGHTS[login];
      for (const privilege of PRIVILEGES) {
        for (const { name, column } of columns) {
          const declared = tables[name]?.[privilege];
          const onTable = declared === true;
          const onColumn = onTable || (declared ?? []).includes(column);
          const [row] =
            privilege === "delete"
              ? await ask<{ table: boolean; column: boolean }>("select has_table_privilege($1, $2, $3) as table, $4::boolean as column", [
                  ...[login, name, privilege],
                  onColumn,
                ])
              : await ask<{ table: boolean; column: boolean }>(
                  "select has_table_privilege($1, $2, $3) as table, has_column_privilege($1, $2, $4::text, $3) as column",
                  [login, name, privilege, column],
                );
          if (row?.table !== onTable || row?.column !== onColumn)
            wrong.push(`${login}: ${privilege} ${name}.${column} ${JSON.stringify(row)}`);
        }
      }
      context.diagnostic(`${login}: ${JSON.stringify(tables)}`);
    }

    assert.deepEqual(wrong, []);
    assert.ok(columns.length > 80);
  });

  test("no login can truncate, reference, add triggers, create objects, or use undeclared sequences and functions", async () => {
    const found: string[] = [];
    const expected: string[] = [];
    for (const login of LOGINS) {
      const { sequences, functions } = DATABASE_RIGHTS[login];
      expected.push(...sequences.map((name) => `${login} usage ${name}`), ...functions.map((name) => `${login} execute ${name}`));
      const has = async (text: string, ...params: string[]) =>
        (await ask<{ has: boolean }>(`select ${text} as has`, [login, ...params]))[0]?.has;
      for (const name of await names("r"))
        for (const privilege of ["truncate", "references", "trigger"])
          if (await has("has_table_privilege($1, $2, $3)", name, privilege)) found.push(`${login} ${privilege} ${name}`);
      for (const name of await names("S"))
        for (const privilege of ["usage", "select", "update"])
          if (await has("has_sequence_privilege($1, $2, $3)", name, privilege)) found.push(`${login} ${privilege} ${name}`);
      const ours = await ask<{ name: string }>(
        "select oid::regprocedure::text as name from pg_proc where pronamespace = 'public'::regnamespace",
      );
      for (const { name } of ours) if (await has("has_function_privilege($1, $2, 'execute')", name)) found.push(`${login} execute ${name}`);
      for (const privilege of ["create", "temporary"])
        if (await has("has_database_privilege($1, current_database(), $2)", privilege)) found.push(`${login} ${privilege}`);
      if (await has("has_schema_privilege($1, 'public', 'create')")) found.push(`${login} create in public`);
    }

    assert.deepEqual(found.sort(), expected.sort());
  });

  test("the web UI's login can take no exclusive table lock, and other logins only on tables that they delete from", async () => {
    const found: string[] = [];
    for (const login of LOGINS) {
      await using client = await connectClient(store.urlOf(login));
      for (const table of await names("r"))
        for (const mode of LOCKS)
          if ((await locks(client, table, mode)) && mode !== "access share" && !DATABASE_RIGHTS[login].tables[table]?.delete)
            found.push(`${login} ${table} ${mode}`);
    }

    assert.deepEqual(found, []);
    assert.deepEqual(
      Object.values(DATABASE_RIGHTS.webui.tables).filter((rights) => rights.delete || rights.update === true || rights.insert === true),
      [],
    );
  });

  test("each login has its declared limits for sessions, statements, locks and open transactions", async () => {
    for (const login of LOGINS) {
      const [role] = await ask<{ sessions: number }>("select rolconnlimit as sessions from pg_roles where rolname = $1", [login]);
      const database = await store.as(login);
      const shown = async (name: string) =>
        (await database.query<{ ms: number }>("select setting::int as ms from pg_settings where name = $1", [name]))[0]?.ms;

      assert.deepEqual(
        {
          sessions: role?.sessions,
          statementMs: await shown("statement_timeout"),
          lockMs: await shown("lock_timeout"),
          idleTransactionMs: await shown("idle_in_transaction_session_timeout"),
        },
        SESSION_LIMITS[login],
      );
    }
  });

  test("a login that uses all its sessions gets no more, and the other logins still connect", async () => {
    await store.superuser.query('alter role "webui" connection limit 3');
    const open: pg.Client[] = [];
    const refusals: string[] = [];
    while (refusals.length === 0 && open.length < 20)
      await connectClient(store.urlOf("webui")).then(
        (client) => open.push(client),
        ({ code }) => refusals.push(code),
      );
    await using scheduler = await connectClient(store.urlOf("scheduler"));

    assert.deepEqual(refusals, ["53300"]);
    assert.equal((await scheduler.query("select 1 as one")).rows[0].one, 1);
    for (const client of open) await client.end();
  });
});

async function locks(client: pg.Client, table: string, mode: string): Promise<boolean> {
  await client.query("begin");
  try {
    await client.query(`lock table ${table} in ${mode} mode nowait`);
    return true;
  } catch (error) {
    assert.equal((error as { code?: string }).code, "42501", `${table} ${mode}: ${error}`);
    return false;
  } finally {
    await client.query("rollback");
  }
}
