import assert from "node:assert/strict";
import { test } from "node:test";
import { isNeutral } from "../../../../services/scheduler/auto-pause.ts";

test("a page that robots.txt closes says nothing of its project", () => {
  const ended = (code: string) => ({
    process: { ok: false, timeMs: 1, follows: 0, logs: "", error: { code, message: "", retryable: false } },
  });

  assert.deepEqual(["E_ROBOTS_DISALLOWED", "E_PAGE_STATUS", "E_SCRIPT"].map(ended).map(isNeutral), [true, false, false]);
});
