/** What happens to a task whose run succeeded (scheduler.py `on_task_done`). */
import type { Schedule } from "../../../../services/core/protocol/task.ts";
import { DEFAULT_RETRY_DELAYS_SECONDS } from "../../../../services/scheduler/retry-delay.ts";
import { decideEnd } from "../../../../services/scheduler/task-end.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

const NOW = 1_000_000;

const rows: DecisionRow<{ schedule: Schedule; retried?: number }, object>[] = [
  { name: "no options", given: { schedule: {} }, ours: { event: "success", status: 2, queue: null }, pyspider: "same" },
  { name: "an age", given: { schedule: { age: 5 } }, ours: { status: 2, queue: null }, pyspider: "same" },
  { name: "autoRecrawl without age", given: { schedule: { autoRecrawl: true } }, ours: { status: 2, queue: null }, pyspider: "same" },
  {
    name: "autoRecrawl with an age",
    given: { schedule: { autoRecrawl: true, age: 5 } },
    ours: { event: "success", status: 1, queue: 2, exetime: NOW + 5 },
    pyspider: "same",
  },
  {
    name: "autoRecrawl with age 0",
    given: { schedule: { autoRecrawl: true, age: 0 } },
    ours: { status: 1, exetime: NOW },
    pyspider: "same",
  },
  {
    name: "autoRecrawl with age -1",
    given: { schedule: { autoRecrawl: true, age: -1 } },
    ours: { status: 2, queue: null },
    pyspider: "again at once, for ever",
    why: "-1 means fresh forever",
  },
  {
    name: "autoRecrawl after two failures",
    given: { schedule: { autoRecrawl: true, age: 5 }, retried: 2 },
    ours: { exetime: NOW + 5, retried: 0 },
    pyspider: "retried stays 2",
    why: "after a successful period the next one has all its retries",
  },
  {
    name: "the end after two failures",
    given: { schedule: {}, retried: 2 },
    ours: { status: 2, retried: 0 },
    pyspider: "retried stays 2",
    why: "it counts failures in a row",
  },
];

testDecisions("a success", rows, ({ schedule, retried = 0 }) =>
  decideEnd(
    { process: { ok: true, timeMs: 1, follows: 0, logs: "" }, fetch: { statusCode: 200 } },
    { schedule, retried },
    { delays: DEFAULT_RETRY_DELAYS_SECONDS, now: NOW },
  ),
);
