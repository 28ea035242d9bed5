import assert from "node:assert/strict";
import { test } from "node:test";
import { groupHas } from "../../../../services/core/protocol/project-group.ts";

for (const [group, has] of [
  ["delete", true],
  ["shop, Delete", true],
  ["shop-delete/old", true],
  ["undelete", false],
  ["delete_me", false],
  ["", false],
] as const) {
  test(`the group "${group}" ${has ? "marks" : "does not mark"} a project for deletion`, () => {
    assert.equal(groupHas(group, "delete"), has);
  });
}
