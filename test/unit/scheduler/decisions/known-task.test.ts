/** pyspider's table for known tasks (scheduler.py `on_old_request`, and `_check_request` for those that are queued). */

import type { Schedule } from "../../../../services/core/protocol/task.ts";
import { decideKnownTask, isOnlyForNewTasks, type KnownTaskDecision } from "../../../../services/scheduler/known-task.ts";
import type { KnownTask } from "../../../../services/scheduler/store/scheduling.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

const NOW = 1_000_000;
const crawled100SecondsAgo: KnownTask = {
  project: "books",
  taskid: "a",
  status: 2,
  queue: null,
  retried: 0,
  schedule: {},
  lastcrawltime: NOW - 100,
  callback: "page",
  fetchType: null,
};
const due = { status: 1, queue: 1 } as const;
const inFlight = { status: 1, queue: 3 } as const;
const waitsForItsTime = { status: 1, queue: 2, retried: 0 } as const;
const waitsForRetry = { status: 1, queue: 2, retried: 1 } as const;
const swallowed = "a request for the next period must not be lost because the last one had bad luck";

type Given = { wanted: Schedule; known?: Partial<KnownTask> };
const rows: DecisionRow<Given, KnownTaskDecision>[] = [
  { name: "no options", given: { wanted: {} }, ours: "ignore", pyspider: "same" },
  { name: "age -1", given: { wanted: { age: -1 } }, ours: "ignore", pyspider: "same" },
  { name: "only autoRecrawl", given: { wanted: { autoRecrawl: true } }, ours: "ignore", pyspider: "same" },
  { name: "only cancel", given: { wanted: { cancel: true } }, ours: "ignore", pyspider: "same" },
  { name: "age 0", given: { wanted: { age: 0 } }, ours: "restart", pyspider: "same" },
  { name: "an age that has passed", given: { wanted: { age: 50 } }, ours: "restart", pyspider: "same" },
  { name: "an age that has not passed", given: { wanted: { age: 200 } }, ours: "ignore", pyspider: "same" },
  { name: "an age, never crawled", given: { wanted: { age: 50 }, known: { lastcrawltime: null } }, ours: "restart", pyspider: "same" },
  { name: "an age, the failure was before", given: { wanted: { age: 50 }, known: { status: 3 } }, ours: "restart", pyspider: "same" },
  { name: "an age, the failure was since", given: { wanted: { age: 200 }, known: { status: 3 } }, ours: "ignore", pyspider: "same" },
  { name: "an itag, none stored", given: { wanted: { itag: "a" } }, ours: "restart", pyspider: "same" },
  { name: "the stored itag", given: { wanted: { itag: "a" }, known: { schedule: { itag: "a" } } }, ours: "ignore", pyspider: "same" },
  { name: "another itag", given: { wanted: { itag: "b" }, known: { schedule: { itag: "a" } } }, ours: "restart", pyspider: "same" },
  { name: "no itag, one stored", given: { wanted: {}, known: { schedule: { itag: "a" } } }, ours: "ignore", pyspider: "same" },
  { name: "an empty itag", given: { wanted: { itag: "" }, known: { schedule: { itag: "a" } } }, ours: "ignore", pyspider: "same" },
  { name: "forceUpdate", given: { wanted: { forceUpdate: true } }, ours: "restart", pyspider: "same" },
  { name: "cancel with forceUpdate", given: { wanted: { cancel: true, forceUpdate: true } }, ours: "cancel", pyspider: "same" },
  { name: "cancel with an age that has passed", given: { wanted: { cancel: true, age: 50 } }, ours: "cancel", pyspider: "same" },
  { name: "cancel with an age that has not", given: { wanted: { cancel: true, age: 200 } }, ours: "ignore", pyspider: "same" },
  { name: "cancel with another itag", given: { wanted: { cancel: true, itag: "b" } }, ours: "cancel", pyspider: "same" },
  {
    name: "cancel with forceUpdate, due",
    given: { wanted: { cancel: true, forceUpdate: true }, known: due },
    ours: "cancel",
    pyspider: "same",
  },
  {
    name: "cancel with forceUpdate, in flight",
    given: { wanted: { cancel: true, forceUpdate: true }, known: inFlight },
    ours: "postpone",
    pyspider: "same",
  },
  { name: "forceUpdate, in flight", given: { wanted: { forceUpdate: true }, known: inFlight }, ours: "postpone", pyspider: "same" },
  { name: "forceUpdate, due", given: { wanted: { forceUpdate: true }, known: due }, ours: "restart", pyspider: "same" },
  { name: "age 0, in flight", given: { wanted: { age: 0 }, known: inFlight }, ours: "ignore", pyspider: "same" },
  { name: "age 0, due", given: { wanted: { age: 0 }, known: due }, ours: "ignore", pyspider: "same" },
  { name: "another itag, due", given: { wanted: { itag: "b" }, known: due }, ours: "ignore", pyspider: "same" },
  { name: "age 0, waiting for its own time", given: { wanted: { age: 0 }, known: waitsForItsTime }, ours: "ignore", pyspider: "same" },
  { name: "no options, waiting for a retry", given: { wanted: {}, known: waitsForRetry }, ours: "ignore", pyspider: "same" },
  {
    name: "an age that has passed, waiting for a retry",
    given: { wanted: { age: 50 }, known: waitsForRetry },
    ours: "restart",
    pyspider: "ignore",
    why: swallowed,
  },
  {
    name: "another itag, waiting for a retry",
    given: { wanted: { itag: "b" }, known: waitsForRetry },
    ours: "restart",
    pyspider: "ignore",
    why: swallowed,
  },
  {
    name: "an age that has not passed since the failure, waiting for a retry",
    given: { wanted: { age: 200 }, known: waitsForRetry },
    ours: "ignore",
    pyspider: "same",
  },
];

testDecisions("a known task", rows, ({ wanted, known }) => decideKnownTask(wanted, { ...crawled100SecondsAgo, ...known }, NOW));

testDecisions<Schedule, boolean>(
  "a request that no known task can be restarted by",
  [
    { name: "no options", given: {}, ours: true, pyspider: "same" },
    { name: "age -1", given: { age: -1, cancel: true, autoRecrawl: true, priority: 9 }, ours: true, pyspider: "same" },
    { name: "an age", given: { age: 0 }, ours: false, pyspider: "same" },
    { name: "an itag", given: { itag: "a" }, ours: false, pyspider: "same" },
    { name: "forceUpdate", given: { forceUpdate: true }, ours: false, pyspider: "same" },
  ],
  isOnlyForNewTasks,
);
