/** The priority that a task is taken in with. `test/integration/dispatch-order.test.ts` has the order that comes of it. */
import { placeTask } from "../../../../services/scheduler/task-place.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

const NOW = 1_000_000;

const rows: DecisionRow<{ taskid?: string; priority?: number }, number>[] = [
  { name: "none", given: {}, ours: 0, pyspider: "same" },
  { name: "what the script says", given: { priority: 9 }, ours: 9, pyspider: "same" },
  { name: "below zero", given: { priority: -3 }, ours: -3, pyspider: "same" },
  {
    name: "above a million",
    given: { priority: 2 ** 31 - 1 },
    ours: 1_000_000,
    pyspider: "as it is",
    why: "what the platform asks a script comes before anything that a script asks for",
  },
  {
    name: "the question what a script says of itself",
    given: { taskid: "_on_get_info" },
    ours: 2 ** 31 - 1,
    pyspider: "sent past the queue",
    why: "it is a task like others, so that it survives a crash",
  },
];

testDecisions(
  "priority",
  rows,
  ({ taskid = "a", priority }) => placeTask(taskid, priority === undefined ? {} : { priority }, NOW).priority,
);
