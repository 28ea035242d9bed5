/** `./orb start` and `./orb run` on a Postgres that the user names. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { startSite } from "../../../demo/site.ts";
import { startOrb } from "../../fixtures/orb.ts";
import { POSTGRES_IS_MISSING, type PostgresServer, postgresIsInstalled, startPostgres } from "../../fixtures/postgres-server.ts";
import { connectClient } from "../../fixtures/postgres-with-logins.ts";
import { siteScript } from "../../fixtures/site-script.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { until } from "../../fixtures/until.ts";

const PASSWORD = "hunter2";
const PAGES = 50;
const needsPostgres = { skip: !postgresIsInstalled && POSTGRES_IS_MISSING, timeout: 120_000 };

let postgres: PostgresServer;
before(async () => {
  if (postgresIsInstalled) postgres = await startPostgres();
});
after(() => postgres?.[Symbol.asyncDispose]());

/** A new database, and its URL with a password. */
async function newDatabase(name: string) {
  const plain = await postgres.createDatabase(name);
  const url = Object.assign(new URL(plain), { password: PASSWORD }).href;
  return { plain, url };
}

async function countResults(url: string): Promise<number> {
  await using client = await connectClient(url);
  return Number((await client.query("select count(*) as results from results")).rows[0].results);
}

/** Command lines and environments of a process's descendants. */
function textsOfDescendants(pid: number): string[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, "utf8");
    } catch {
      return "";
    }
  };
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((name) => [Number(name), Number(/\) \w (\d+)/.exec(read(`/proc/${name}/stat`))?.[1])] as const);
  const below = (of: number): number[] => parents.flatMap(([child, parent]) => (parent === of ? [child, ...below(child)] : []));
  return below(pid).flatMap((child) => [read(`/proc/${child}/cmdline`), read(`/proc/${child}/environ`)]);
}

test("./orb run stores its results in the database of --database", needsPostgres, async () => {
  const database = await newDatabase("run");
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: PAGES });
  writeFileSync(join(directory.path, "site.ts"), siteScript(site.origin));

  const args = ["run", "site.ts", "--allow-address", "127.0.0.0/8", "--database", database.url, "--json"];
  await using program = startOrb(args, { cwd: directory.path });
  const { code, stdout, stderr } = await program.ended;

  assert.equal(code, 0, stderr);
  const { results } = JSON.parse(stdout) as { results: number };
  assert.ok(results > 1);
  assert.equal(await countResults(database.plain), results);
  assert.doesNotMatch(stdout + stderr, new RegExp(PASSWORD));
});

test("the password of ORB_DATABASE_URL reaches no output and no child process of ./orb start", needsPostgres, async () => {
  const database = await newDatabase("start");
  using directory = temporaryDirectory();
  const args = ["start", "--port", "0", "--data", directory.path];
  await using orb = startOrb(args, { env: { ORB_DATABASE_URL: database.url } });

  await until(
    () => `it is ready: ${orb.stderr()}`,
    () => orb.stdout().includes("is ready"),
  );
  const children = textsOfDescendants(orb.process.pid ?? 0);

  assert.match(orb.stdout(), /The data is in postgres:\/\/orbweaver:\*\*\*@127\.0\.0\.1:\d+\/start\. Ctrl-C/);
  assert.deepEqual(
    [orb.stdout(), orb.stderr(), ...children].filter((text) => text.includes(PASSWORD)),
    [],
  );
  assert.deepEqual(
    readdirSync(directory.path).filter((name) => name === "database"),
    [],
  );
});

test("a database that does not answer is named without its password", async () => {
  using directory = temporaryDirectory();
  await using program = startOrb(["start", "--data", directory.path, "--database", `postgres://u:${PASSWORD}@127.0.0.1:1/d`]);
  const { code, stderr } = await program.ended;

  assert.equal(code, 1);
  assert.match(stderr, /No connection to Postgres at postgres:\/\/u:\S+@127\.0\.0\.1:1\/d: .*E_DATABASE_UNREACHABLE/);
  assert.doesNotMatch(stderr, new RegExp(PASSWORD));
});

test("./orb run refuses a data directory beside a database", async () => {
  await using program = startOrb(["run", "site.ts", "--data", "d", "--database", `postgres://u:${PASSWORD}@h/d`]);
  const { code, stderr } = await program.ended;

  assert.equal(code, 64);
  assert.match(stderr, /--data = "\S+": leave it out/);
  assert.doesNotMatch(stderr, new RegExp(PASSWORD));
});
