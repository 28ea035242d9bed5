import assert from "node:assert/strict";
import { test } from "node:test";
import { mergeFetchOptions } from "../../../services/scheduler/fetch-order.ts";

test("a task's own fetch options win over the project's, headers key by key", () => {
  const merged = mergeFetchOptions({ timeout: 5, headers: { a: "1", b: "1" } }, { headers: { b: "2" } });

  assert.deepEqual(merged, { timeout: 5, headers: { a: "1", b: "2" } });
});
