import assert from "node:assert/strict";
import { test } from "node:test";
import { choiceOf, movedUp, shownOf, toggled } from "../../../../services/webui/pages/results/column-choice.ts";
import { exportQuery, FIRST_CHOICE } from "../../../../services/webui/pages/results/export-choice.ts";

test("chosen columns come first, in their order; without a choice all are shown", () => {
  assert.deepEqual(shownOf(choiceOf(["url", "a", "b"], undefined)), ["url", "a", "b"]);
  assert.deepEqual(
    choiceOf(["url", "a", "b"], ["b", "gone", "url"]).map(({ name, isShown }) => [name, isShown]),
    [
      ["b", true],
      ["gone", true],
      ["url", true],
      ["a", false],
    ],
  );
});

test("a column moves up by one place, and the first stays", () => {
  const choice = choiceOf(["a", "b", "c"], undefined);

  assert.deepEqual(shownOf(movedUp(choice, "c")), ["a", "c", "b"]);
  assert.deepEqual(shownOf(movedUp(choice, "a")), ["a", "b", "c"]);
  assert.deepEqual(shownOf(toggled(choice, "b")), ["a", "c"]);
});

test("an export of the browser is guarded and has a byte order mark; other formats have neither choice", () => {
  assert.deepEqual(exportQuery(FIRST_CHOICE), { format: "csv", guard: "true", bom: "true" });
  assert.deepEqual(exportQuery({ ...FIRST_CHOICE, format: "xlsx", columns: ["a,b", "c"] }), { format: "xlsx", fields: "a\\,b,c" });
});

test("an export of changes has no query until its time is given", () => {
  assert.equal(exportQuery({ ...FIRST_CHOICE, rows: "since" }), undefined);
  assert.equal(
    exportQuery({ ...FIRST_CHOICE, rows: "notSince", time: "2026-01-31T12:00" })?.notSince,
    new Date("2026-01-31T12:00").toISOString(),
  );
});
