import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fleetTable } from "../../fixtures/fleet-table.ts";

test("docs/fleet.md has every kind of host with its outcome, and no other", () => {
  const text = readFileSync(new URL("../../../docs/fleet.md", import.meta.url), "utf8");
  const rows = text.split("\n").filter((line) => line.startsWith("| "));

  assert.deepEqual(rows.slice(1), fleetTable());
});
