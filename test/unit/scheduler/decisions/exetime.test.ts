/** Where a task waits for its time (scheduler/task_queue.py). */
import { placeTask, type TaskPlace } from "../../../../services/scheduler/task-place.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

const NOW = 1_000_000;
const due = { queue: 1 } as const;
const waiting = { queue: 2 } as const;

const rows: DecisionRow<{ exetime?: number }, Partial<TaskPlace>>[] = [
  { name: "none", given: {}, ours: { ...due, exetime: 0 }, pyspider: "same" },
  { name: "a time in the past", given: { exetime: NOW - 1 }, ours: due, pyspider: "same" },
  { name: "now", given: { exetime: NOW }, ours: due, pyspider: "same" },
  { name: "a time in the future", given: { exetime: NOW + 0.5 }, ours: { ...waiting, exetime: NOW + 0.5 }, pyspider: "same" },
  { name: "a time in a hundred years", given: { exetime: NOW + 3.2e9 }, ours: waiting, pyspider: "same" },
];

testDecisions("exetime", rows, ({ exetime }) => placeTask("a", exetime === undefined ? {} : { exetime }, NOW));
