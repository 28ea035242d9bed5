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

test("records are read from their lines, and other lines are left out", () => {
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
  ["that its host still has what it made keeps its run", "work1-mesh", 1_764_366_000],
  ["that its host has drifted from runs again", "work1-bootstrap", NOW],
  ["without a record runs again", "work1-restart", NOW],
] as const) {
  test(`a script ${what}`, () => {
    assert.equal(runOf(parseRecords(SAID), resource, NOW), run);
  });
}

test("what could not be checked is no drift", () => {
  assert.equal(hasDrifted(parseRecords(SAID), "work1-rollout"), false);
  assert.equal(hasDrifted(NO_RECORDS, "work1-bootstrap"), false);
});

test("a service that was changed by hand is declared anew once, and is unchanged after that", () => {
  const facts = { forcedRolls: 2, version: 57, declared: "0f3c", updateState: "completed" };

  const mended = declareService("0f3c", facts, true);
  const later = declareService("0f3c", { ...facts, declared: mended.label }, false);

  assert.deepEqual(mended, { label: "0f3c-57", forcedRolls: 2, isUnchanged: false });
  assert.deepEqual(later, { label: "0f3c-57", forcedRolls: 2, isUnchanged: true });
});
