import assert from "node:assert/strict";
import { test } from "node:test";
import { readEngineEnv } from "../../../services/cli/env.ts";

const URL = "postgres://user:hunter2@host/db";

test("the database's URL is taken out of the environment that child processes inherit", () => {
  process.env.ORB_DATABASE_URL = URL;

  const { databaseUrl } = readEngineEnv();

  assert.equal(databaseUrl, URL);
  assert.equal(process.env.ORB_DATABASE_URL, undefined);
});
