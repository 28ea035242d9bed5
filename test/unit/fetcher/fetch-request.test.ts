import assert from "node:assert/strict";
import { test } from "node:test";
import { taskTimeoutMs } from "../../../services/fetcher/fetch-request.ts";

for (const [name, timeout, expected] of [
  ["a task without a timeout has the default", undefined, 120_000],
  ["a task has its own timeout", 0.5, 500],
  ["a day is too long", 86_400, 600_000],
  ["a timeout above the timer range is too long, too", 1e300, 600_000],
] as const) {
  test(name, () => {
    assert.equal(taskTimeoutMs(timeout, 120_000), expected);
  });
}
