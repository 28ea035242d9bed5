import assert from "node:assert/strict";
import { test } from "node:test";
import { CONNECTIONS } from "../../../../services/core/store/postgres.ts";
import { SESSIONS_PER_REPLICA } from "../../../../stacks/config/capacity.ts";

test("the stacks know how many sessions a replica has in Postgres", () => {
  assert.equal(SESSIONS_PER_REPLICA, CONNECTIONS);
});
