import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openEmbedded } from "../../../../services/core/store/embedded.ts";
import { EmbeddedDatabaseError } from "../../../../services/core/store/errors.ts";
import { type RunningProgram, startFixture } from "../../../fixtures/orb.ts";
import { end, endTree } from "../../../fixtures/process-tree.ts";
import { temporaryDirectory } from "../../../fixtures/temporary-directory.ts";
import { until } from "../../../fixtures/until.ts";

const POWER_CUTS = 5;
const ROWS_BEFORE_CUT = 200;

const acknowledged = (program: RunningProgram) => program.stdout().split("\n").slice(0, -1).length;
/** The id of the server's process. */
const serverOf = (database: string) => Number(readFileSync(join(database, "postmaster.pid"), "utf8").split("\n")[0]);

async function storedRows(path: string): Promise<number> {
  const database = await openEmbedded(path);
  const [row] = await database.query<{ stored: number }>("select count(*) as stored from results");
  await database.close();
  return row?.stored ?? 0;
}

test("what was committed is there after every process of the database was killed in the middle of writing", {
  timeout: 240_000,
}, async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "database");

  for (let cut = 1; cut <= POWER_CUTS; cut++) {
    await using writer = startFixture("acknowledge-main.ts", [path]);
    await until(
      () => `rows are written: ${writer.stderr()}`,
      () => acknowledged(writer) >= ROWS_BEFORE_CUT,
    );
    endTree(writer.process.pid ?? 0);
    await writer.ended;

    const [stored, promised] = [await storedRows(path), acknowledged(writer)];

    // One more may have been committed without the answer.
    assert.ok(stored === promised || stored === promised + 1, `${promised} rows were acknowledged, ${stored} are there`);
    const database = await openEmbedded(path);
    await database.exec("delete from results");
    await database.close();
  }
});

test("after a process was killed alone, its server ends, and the next process has the database", { timeout: 120_000 }, async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "database");
  await using writer = startFixture("acknowledge-main.ts", [path]);
  await until(
    () => `rows are written: ${writer.stderr()}`,
    () => acknowledged(writer) >= ROWS_BEFORE_CUT,
  );
  const former = serverOf(path);

  end(writer.process.pid ?? 0);
  const database = await openEmbedded(path);
  const server = serverOf(path);
  await database.close();

  assert.notEqual(server, former);
  assert.equal(existsSync(join(path, "postmaster.pid")), false);
});

test("a process id that another process has after a restart of the machine does not stop the database from opening", async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "database");
  await (await openEmbedded(path)).close();
  writeFileSync(join(path, "postmaster.pid"), `${process.pid}\n${path}\n0\n5432\n${path}\nlocalhost\n0 0\nready\n`);

  const database = await openEmbedded(path);

  assert.notEqual(serverOf(path), process.pid);
  await database.close();
});

test("statements reject with the reason and the server's last words once the server has ended by itself", async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "database");
  const database = await openEmbedded(path, { isDurable: false });

  end(serverOf(path));

  const rejection = await until("the end is noticed", () =>
    database.query("select 1").then(
      () => undefined,
      (error: unknown) => (error instanceof EmbeddedDatabaseError ? error : undefined),
    ),
  );
  assert.match(rejection.message, /stopped: the server ended with SIGKILL/);
  await database.close();
  // At once: the server's other processes may still be there.
  await (await openEmbedded(path)).close();
});

test("a slow statement holds up no other", async () => {
  using directory = temporaryDirectory();
  const database = await openEmbedded(join(directory.path, "database"), { isDurable: false });
  let isOver = false;
  const slow = database.query("select pg_sleep(3)").then(() => {
    isOver = true;
  });

  await database.query("select 1");

  assert.equal(isOver, false);
  await slow;
  await database.close();
});

test("a data directory with a long path, a comma and a quote in it is opened", async () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, 'a "b", c');
  const long = join(directory.path, "d".repeat(100));

  for (const one of [path, long]) {
    const database = await openEmbedded(one, { isDurable: false });
    assert.deepEqual(await database.query("select 1 as one"), [{ one: 1 }]);
    await database.close();
  }
});
