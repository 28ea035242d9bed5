/** What happens to a task whose run failed: pyspider's delays (scheduler.py `on_task_failed`), and when it gives up. */
import type { Schedule } from "../../../../services/core/protocol/task.ts";
import { DEFAULT_RETRY_DELAYS_SECONDS } from "../../../../services/scheduler/retry-delay.ts";
import { decideEnd } from "../../../../services/scheduler/task-end.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

const NOW = 1_000_000;
const retryIn = (seconds: number) => ({ event: "retry", status: 1, queue: 2, exetime: NOW + seconds });
const givenUp = { event: "failed", status: 3, queue: null };

interface Given {
  schedule?: Schedule;
  retried?: number;
  delays?: number[];
  retryable?: boolean;
  isPoison?: boolean;
  /** Of the page. */
  status?: number;
}
const rows: DecisionRow<Given, object>[] = [
  { name: "the first failure", given: {}, ours: { ...retryIn(30), retried: 1 }, pyspider: "same" },
  { name: "the second", given: { retried: 1 }, ours: { ...retryIn(3_600), retried: 2 }, pyspider: "same" },
  { name: "the third", given: { retried: 2 }, ours: { ...retryIn(21_600), retried: 3 }, pyspider: "same" },
  { name: "the fourth, after 3 retries", given: { retried: 3 }, ours: givenUp, pyspider: "same" },
  { name: "the fourth of 5 retries", given: { retried: 3, schedule: { retries: 5 } }, ours: retryIn(43_200), pyspider: "same" },
  { name: "the fifth of 6 retries", given: { retried: 4, schedule: { retries: 6 } }, ours: retryIn(86_400), pyspider: "same" },
  { name: "the ninth of 20 retries", given: { retried: 8, schedule: { retries: 20 } }, ours: retryIn(86_400), pyspider: "same" },
  { name: "retries disabled", given: { schedule: { retries: 0 } }, ours: givenUp, pyspider: "same" },
  { name: "an age below the delay", given: { schedule: { age: 10 } }, ours: retryIn(10), pyspider: "same" },
  { name: "an age above the delay", given: { schedule: { age: 100 } }, ours: retryIn(30), pyspider: "same" },
  { name: "age 0", given: { schedule: { age: 0 } }, ours: retryIn(0), pyspider: "same" },
  {
    name: "age -1, written out",
    given: { schedule: { age: -1 } },
    ours: retryIn(30),
    pyspider: "FAILED at once",
    why: "-1 means that the page stays fresh forever, not that it needs no retry",
  },
  { name: "autoRecrawl without age", given: { schedule: { autoRecrawl: true } }, ours: retryIn(30), pyspider: "same" },
  { name: "autoRecrawl with an age", given: { schedule: { autoRecrawl: true, age: 10 } }, ours: retryIn(10), pyspider: "same" },
  {
    name: "autoRecrawl, no retries left",
    given: { schedule: { autoRecrawl: true, age: 7 }, retried: 3 },
    ours: { event: "failed", status: 1, queue: 2, exetime: NOW + 7, retried: 0 },
    pyspider: "another retry, after its delay or the age",
    why: "the next period starts with all its retries, and the failure counts once",
  },
  {
    name: "autoRecrawl with age 0, no retries left",
    given: { schedule: { autoRecrawl: true, age: 0 }, retried: 3 },
    ours: { event: "failed", status: 1, queue: 2, exetime: NOW, retried: 0 },
    pyspider: "another retry at once, never a failure",
    why: "the next period starts with all its retries, and the failure counts once",
  },
  { name: "a script's own delays", given: { delays: [10, 20], retried: 1 }, ours: retryIn(20), pyspider: "same" },
  { name: "the last of a script's own delays is repeated", given: { delays: [10, 20], retried: 2 }, ours: retryIn(20), pyspider: "same" },
  {
    name: "a permanent error",
    given: { retryable: false },
    ours: givenUp,
    pyspider: "30 s",
    why: "a permanent error, like a header that cannot be sent, is not retried",
  },
  {
    name: "a permanent error, with autoRecrawl",
    given: { retryable: false, schedule: { autoRecrawl: true, age: 7 } },
    ours: { event: "failed", status: 1, exetime: NOW + 7 },
    pyspider: "7 s",
    why: "it counts as a failure; the next period may find another page",
  },
  {
    name: "poison, whatever its schedule",
    given: { isPoison: true, schedule: { autoRecrawl: true, age: 7 } },
    ours: givenUp,
    pyspider: "dispatched again each 600 s for ever",
    why: "a task that crashes its workers is quarantined",
  },
  {
    name: "a status that the script calls final",
    given: { status: 403, schedule: { byStatus: { "403": { retries: 0 } } } },
    ours: givenUp,
    pyspider: "30 s",
    why: "the site says no in each try",
  },
  {
    name: "a status with its own delays",
    given: { status: 503, retried: 1, schedule: { byStatus: { "5xx": { delays: [7, 9] } } } },
    ours: retryIn(9),
    pyspider: "1 h",
    why: "a script knows its site",
  },
  {
    name: "a status and its class",
    given: { status: 503, schedule: { byStatus: { "5xx": { delays: [7] }, "503": { delays: [3] } } } },
    ours: retryIn(3),
    pyspider: "30 s",
    why: "a script knows its site",
  },
  {
    name: "a status that gets more retries than others",
    given: { status: 500, retried: 4, schedule: { retries: 1, byStatus: { "5xx": { retries: 5 } } } },
    ours: { event: "retry" },
    pyspider: "it is given up",
    why: "a script knows its site",
  },
  {
    name: "404 with retries of its own",
    given: { status: 404, retryable: false, schedule: { byStatus: { "404": { retries: 1 } } } },
    ours: retryIn(30),
    pyspider: "same",
    why: "some sites publish a link before its page",
  },
  {
    name: "404 with delays alone",
    given: { status: 404, retryable: false, schedule: { byStatus: { "4xx": { delays: [5] } } } },
    ours: givenUp,
    pyspider: "30 s",
    why: "only retries make a final status another",
  },
  {
    name: "another failure than a status",
    given: { schedule: { byStatus: { "5xx": { retries: 0 } } } },
    ours: retryIn(30),
    pyspider: "same",
  },
];

testDecisions("a failed task", rows, ({ schedule = {}, retried = 0, delays, retryable = true, isPoison, status }) => {
  const code = status === undefined ? "E_X" : "E_PAGE_STATUS";
  const process = { ok: false, timeMs: 1, follows: 0, logs: "", error: { code, message: "x", retryable } };
  const dead = isPoison ? { dead: { queue: "fetcher2processor", deliveries: 5, reason: "killed its worker" } } : {};
  return decideEnd(
    { process, fetch: { statusCode: status ?? 599 }, ...dead },
    { schedule, retried },
    { delays: delays ?? DEFAULT_RETRY_DELAYS_SECONDS, now: NOW },
  );
});
