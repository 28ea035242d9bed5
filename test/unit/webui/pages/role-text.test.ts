import assert from "node:assert/strict";
import { test } from "node:test";
import { roleText } from "../../../../services/webui/pages/cluster/role-text.ts";

const cases: [role: "all" | "scheduler" | "fetcher", id: string, holder: string | undefined, text: string][] = [
  ["scheduler", "a1b2-7-0f0f0f0f", "a1b2:7", "scheduler, active"],
  ["scheduler", "a1b2-71-0f0f0f0f", "a1b2:7", "scheduler, standby"],
  ["scheduler", "c3-7-0f0f0f0f", "a1b2:7", "scheduler, standby"],
  ["scheduler", "c3-7-0f0f0f0f", undefined, "scheduler"],
  ["fetcher", "a1b2-7-0f0f0f0f", "a1b2:7", "fetcher"],
  ["all", "7", "", "all roles"],
];

for (const [role, id, holder, text] of cases) {
  test(`${role} ${id}, while ${holder} holds the lease, is "${text}"`, () => {
    assert.equal(roleText({ role, id }, holder), text);
  });
}
