import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fleetTable } from "../../../fixtures/fleet-table.ts";
import { chapterOf } from "../../../fixtures/markdown.ts";

test("docs/fleet.md lists every kind of host with its outcome, and no other", () => {
  const guide = readFileSync(new URL("../../../../docs/fleet.md", import.meta.url), "utf8");
  const rows = chapterOf(guide, "Tested hosts")
    .split("\n")
    .filter((line) => line.startsWith("| "));

  assert.deepEqual(rows.slice(1), fleetTable());
});
