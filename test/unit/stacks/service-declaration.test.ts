import assert from "node:assert/strict";
import { test } from "node:test";
import { declareService, type ServiceFacts } from "../../../stacks/service-declaration.ts";

const facts = (more: Partial<ServiceFacts>): ServiceFacts => ({
  forcedRolls: 3,
  version: 57,
  declared: "aaaa",
  updateState: "completed",
  ...more,
});

for (const [what, hash, existing, declaration] of [
  ["a new service", "aaaa", undefined, { label: "aaaa", forcedRolls: 0, isUnchanged: false }],
  ["a service that was only restarted", "aaaa", facts({}), { label: "aaaa", forcedRolls: 3, isUnchanged: true }],
  ["a service with another declaration", "bbbb", facts({}), { label: "bbbb", forcedRolls: 3, isUnchanged: false }],
  [
    "a service whose update was rolled back",
    "bbbb",
    facts({ updateState: "rollback_completed" }),
    { label: "bbbb-57", forcedRolls: 3, isUnchanged: false },
  ],
  ["a service whose update is paused", "aaaa", facts({ updateState: "paused" }), { label: "aaaa-57", forcedRolls: 3, isUnchanged: false }],
  [
    "a service that was tried again with success",
    "bbbb",
    facts({ declared: "bbbb-57" }),
    { label: "bbbb-57", forcedRolls: 3, isUnchanged: true },
  ],
] as const) {
  test(`${what} is declared as ${declaration.label}, ${declaration.isUnchanged ? "unchanged" : "changed"}`, () => {
    assert.deepEqual(declareService(hash, existing, false), declaration);
  });
}

test("a service that was changed manually is declared with another label, so that it is written again", () => {
  const { label, isUnchanged } = declareService("aaaa", facts({}), true);

  assert.deepEqual([label, isUnchanged], ["aaaa-57", false]);
});
