import assert from "node:assert/strict";
import { test } from "node:test";
import type { DebugReport } from "../../../../services/webui/pages/api/types.ts";
import { type HistoryEvent, historyAfter, historyOf } from "../../../../services/webui/pages/debugger/step-history.ts";
import { newSession } from "../../../../services/webui/pages/debugger/steps.ts";

const report = (n: number) => ({ n }) as unknown as DebugReport;
const add = (id: number): HistoryEvent => ({ kind: "add", id, task: { url: `http://a.test/${id}`, callback: "page" } });
const after = (...events: HistoryEvent[]) => events.reduce(historyAfter, historyOf(newSession()));
const ids = ({ now }: ReturnType<typeof after>) => now.steps.map(({ id }) => id);

test("undo removes the last added step together with its first run, and redo brings both back", () => {
  const events: HistoryEvent[] = [add(1), { kind: "ran", id: 1, report: report(1) }, add(2), { kind: "ran", id: 2, report: report(2) }];

  const undone = after(...events, { kind: "undo" });
  const redone = historyAfter(undone, { kind: "redo" });

  assert.deepEqual(
    [ids(undone), ids(redone)],
    [
      [0, 1],
      [0, 1, 2],
    ],
  );
  assert.deepEqual(redone.now.steps[2]?.report, report(2));
});

test("undo returns to the report before the last run of a step, and brings back a removed step", () => {
  const ran = [1, 2].map((n): HistoryEvent => ({ kind: "ran", id: 0, report: report(n) }));

  assert.deepEqual(after(...ran, { kind: "undo" }).now.steps[0]?.report, report(1));
  assert.deepEqual(ids(after(add(1), { kind: "remove", id: 1 }, { kind: "undo" })), [0, 1]);
});

test("choosing a step is no change, a change ends redo, and undo and redo without one change nothing", () => {
  const shown = after(add(1), add(2), { kind: "show", id: 1 });
  const changed = after(add(1), { kind: "undo" }, add(2));
  const empty = after();

  assert.deepEqual([shown.past.length, changed.future.length], [2, 0]);
  assert.equal(historyAfter(empty, { kind: "undo" }), empty);
  assert.equal(historyAfter(empty, { kind: "redo" }), empty);
});

test("at most 50 changes can be undone", () => {
  assert.equal(after(...Array.from({ length: 60 }, (_, index) => add(index + 1))).past.length, 50);
});
