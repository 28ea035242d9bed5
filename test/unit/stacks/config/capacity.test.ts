import assert from "node:assert/strict";
import { test } from "node:test";
import { CONNECTIONS } from "../../../../services/core/store/postgres.ts";
import { replacedAtOnce, SESSIONS_PER_REPLICA } from "../../../../stacks/config/capacity.ts";

test("the stacks use the real number of Postgres sessions of a replica", () => {
  assert.equal(SESSIONS_PER_REPLICA, CONNECTIONS);
});

for (const [replicas, workers, expected] of [
  [1, 2, 1],
  [2, 2, 1],
  [4, 2, 2],
  [8, 2, 2],
  [20, 10, 4],
  [8, 1, 1],
] as const) {
  test(`an update of ${replicas} replicas on ${workers} worker hosts replaces ${expected} at once`, () => {
    assert.equal(replacedAtOnce(replicas, workers), expected);
  });
}
