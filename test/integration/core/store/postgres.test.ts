import assert from "node:assert/strict";
import { test } from "node:test";
import { connectPostgres } from "../../../../services/core/store/postgres.ts";
import { takeLease } from "../../../../services/scheduler/store/scheduler-lease.ts";
import { startFixture } from "../../../fixtures/orb.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled, startPostgres } from "../../../fixtures/postgres-server.ts";
import { until } from "../../../fixtures/until.ts";

const skip = !postgresIsInstalled && POSTGRES_IS_MISSING;

test("a login without rights to change the schema opens an up-to-date database, and is refused an outdated one", { skip }, async () => {
  await using server = await startPostgres();
  const url = await server.createDatabase("crawls");
  const limited = url.replace("orbweaver@", "limited@");
  const admin = await connectPostgres(server.url);
  await admin.exec("create role limited login");

  await assert.rejects(connectPostgres(limited), /permission denied/);
  const owner = await connectPostgres(url);
  await owner.exec("grant select on all tables in schema public to limited");
  const reader = await connectPostgres(limited);

  assert.deepEqual(await reader.query("select name from projects"), []);
  await Promise.all([admin, owner, reader].map((database) => database.close()));
});

test("a process that is stopped while it receives a long answer does not keep its locks", { skip, timeout: 60_000 }, async () => {
  await using server = await startPostgres();
  const standby = await connectPostgres(server.url);
  assert.equal(await takeLease(standby, "active", 1), 1);
  await using stopped = startFixture("unread-main.ts", [server.url, "1000"]);
  const isSending = async () =>
    (await standby.query("select 1 from pg_stat_activity where state = 'active' and wait_event = 'ClientWrite'")).length === 1;
  await until("it is stopped", isSending, 20_000);

  const epoch = await takeLease(standby, "standby", 3_000);

  assert.deepEqual([epoch, stopped.process.exitCode], [2, null]);
  await standby.close();
});
