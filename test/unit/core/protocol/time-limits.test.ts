import assert from "node:assert/strict";
import { test } from "node:test";
import { TIME_LIMITS } from "../../../../services/core/protocol/time-limits.ts";

/** Each pair: what contains, and what is contained so often. */
const NESTED = [
  ["fetchMs", "connectMs", 1],
  ["renderMs", "connectMs", 1],
  ["leaseMs", "leaseRenewMs", 3],
  ["schedulerLeaseMs", "schedulerLeaseRenewMs", 2],
  ["schedulerLeaseMs", "standbyPollMs", 1],
  ["leaseMs", "idleTransactionMs", 1],
  ["requestMs", "requestHeadMs", 1],
  ["inFlightMs", "longestFetchMs", 2],
  ["longestFetchMs", "fetchMs", 1],
  ["inFlightMs", "renderMs", 2],
  ["inFlightMs", "processMs", 2],
  ["inFlightMs", "renderQueueMs", 2],
] as const;

for (const [outer, inner, times] of NESTED) {
  test(`${outer} leaves time for ${times} × ${inner}`, () => {
    assert.ok(TIME_LIMITS[outer] > times * TIME_LIMITS[inner], `${TIME_LIMITS[outer]} ms against ${TIME_LIMITS[inner]} ms`);
  });
}
