import assert from "node:assert/strict";
import { test } from "node:test";
import { hasDrifted, NO_RECORDS, parseRecords, runOf } from "../../../stacks/host-records.ts";
import { declareService } from "../../../stacks/service-declaration.ts";

const SAID = `Welcome
made work1-mesh 1764366000
made work1-bootstrap 1764366001
drift work1-bootstrap /etc/nftables.conf was changed
unknown work1-rollout the service webui: Cannot connect to the Docker daemon
`;
const NOW = 1_764_400_000;

test("records are parsed from their lines, and other lines are ignored", () => {
  assert.deepEqual(parseRecords(SAID), {
    runs: new Map([
      ["work1-bootstrap", 1_764_366_001],
      ["work1-mesh", 1_764_366_000],
    ]),
    drifts: [{ resource: "work1-bootstrap", what: "/etc/nftables.conf was changed" }],
    unknown: [{ resource: "work1-rollout", what: "the service webui: Cannot connect to the Docker daemon" }],
  });
});

for (const [what, resource, run] of [
  ["whose host is unchanged keeps its run", "work1-mesh", 1_764_366_000],
  ["whose host has drifted runs again", "work1-bootstrap", NOW],
  ["without a record runs again", "work1-restart", NOW],
] as const) {
  test(`a script ${what}`, () => {
    assert.equal(runOf(parseRecords(SAID), resource, NOW), run);
  });
}

test("unchecked items are not drift", () => {
  assert.equal(hasDrifted(parseRecords(SAID), "work1-rollout"), false);
  assert.equal(hasDrifted(NO_RECORDS, "work1-bootstrap"), false);
});

test("a service that was changed manually is declared again once, and stays unchanged afterwards", () => {
  const facts = { forcedRolls: 2, version: 57, declared: "0f3c", updateState: "completed" };

  const repaired = declareService("0f3c", facts, true);
  const later = declareService("0f3c", { ...facts, declared: repaired.label }, false);

  assert.deepEqual(repaired, { label: "0f3c-57", forcedRolls: 2, isUnchanged: false });
  assert.deepEqual(later, { label: "0f3c-57", forcedRolls: 2, isUnchanged: true });
});
