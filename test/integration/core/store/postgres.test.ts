import assert from "node:assert/strict";
import { test } from "node:test";
import { connectPostgres } from "../../../../services/core/store/postgres.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled, startPostgres } from "../../../fixtures/postgres-server.ts";

const skip = !postgresIsInstalled && POSTGRES_IS_MISSING;

test("a login that may not change the schema opens an up-to-date database, and is refused one that is not", { skip }, async () => {
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
