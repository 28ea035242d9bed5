/** The priority of a new task. `test/integration/dispatch-order.test.ts` has the resulting order. */
import { placeTask } from "../../../../services/scheduler/task-place.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

const NOW = 1_000_000;

const rows: DecisionRow<{ taskid?: string; priority?: number }, number>[] = [
  { name: "none", given: {}, ours: 0, pyspider: "same" },
  { name: "the script's value", given: { priority: 9 }, ours: 9, pyspider: "same" },
  { name: "below zero", given: { priority: -3 }, ours: -3, pyspider: "same" },
  {
    name: "above a million",
    given: { priority: 2 ** 31 - 1 },
    ours: 1_000_000,
    pyspider: "as it is",
    why: "requests to a script come before all tasks of scripts",
  },
  {
    name: "the request for a script's declarations",
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
