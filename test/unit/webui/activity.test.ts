import assert from "node:assert/strict";
import { test } from "node:test";
import { toActivity } from "../../../services/webui/store/activity.ts";

test("each step has the sums of its counters, and averages over the tasks that ended in it", () => {
  const sums = [
    { at: 120, success: 3, retry: 1, failed: 0, fetchMs: 100, processMs: 10 },
    { at: 240, success: 0, retry: 0, failed: 0, fetchMs: 0, processMs: 0 },
  ];

  const activity = toActivity(sums, { from: 60, seconds: 60, steps: 4 });

  assert.deepEqual(activity, {
    from: 60,
    seconds: 60,
    success: [0, 3, 0, 0],
    retry: [0, 1, 0, 0],
    failed: [0, 0, 0, 0],
    fetchMs: [null, 25, null, null],
    processMs: [null, 2.5, null, null],
  });
});
