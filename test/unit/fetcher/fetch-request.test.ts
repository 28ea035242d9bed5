import assert from "node:assert/strict";
import { test } from "node:test";
import { taskTimeoutMs } from "../../../services/fetcher/fetch-request.ts";

for (const [name, timeout, expected] of [
  ["a task that does not say has the usual time", undefined, 120_000],
  ["a task has the time it asks for", 0.5, 500],
  ["a day is too long", 86_400, 600_000],
  ["so is what no timer could wait", 1e300, 600_000],
] as const) {
  test(name, () => {
    assert.equal(taskTimeoutMs(timeout, 120_000), expected);
  });
}
