import assert from "node:assert/strict";
import { test } from "node:test";
import { segmentsOf } from "../../../../services/webui/pages/counters/segments.ts";

test("a bar's parts are adjacent and fill it", () => {
  const segments = segmentsOf({ failed: 1, success: 6, pending: 1, retry: 0 });

  assert.deepEqual(segments, [
    { kind: "pending", count: 1, start: 0, share: 12.5 },
    { kind: "success", count: 6, start: 12.5, share: 75 },
    { kind: "failed", count: 1, start: 87.5, share: 12.5 },
  ]);
});

test("a bar without counts has no parts", () => {
  assert.deepEqual(segmentsOf({ pending: 0, success: 0 }), []);
});
