/** Migrates a Postgres to the newest schema and exits: `ORB_DATABASE_URL=… node services/core/store/migrate-main.ts`, with a login that may change it. */
import { z } from "zod";
import { databaseUrl, readEnv } from "../runtime/env.ts";
import { runMain } from "../runtime/run-main.ts";
import { connectPostgres } from "./postgres.ts";

await runMain("migrate", async () => {
  const { ORB_DATABASE_URL } = readEnv(z.object({ ORB_DATABASE_URL: databaseUrl() }));
  const database = await connectPostgres(ORB_DATABASE_URL);
  await database.close();
});
