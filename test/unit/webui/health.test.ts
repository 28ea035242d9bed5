import assert from "node:assert/strict";
import { test } from "node:test";
import { QUEUE_NAMES, type QueueDepth, type QueueName } from "../../../services/core/queue/queue.ts";
import { explainHealth, type Health } from "../../../services/webui/health.ts";
import type { HealthFacts } from "../../../services/webui/store/health-facts.ts";

const NOW = 1_000_000;
/** A project that crawls. */
const CRAWLING: HealthFacts = {
  ...{ hasScheduler: true, status: "RUNNING", rate: 2, scriptError: null, loginProblem: null, pausedUntil: 0 },
  ...{ hasDue: true, hasInFlight: true, hostOpensAt: null, nextAt: null, isRetry: false, pending: 10, ended: 5 },
};
const RESTING: Partial<HealthFacts> = { hasDue: false, hasInFlight: false };
const depths = (changes: Partial<Record<QueueName, QueueDepth>> = {}) =>
  ({ ...Object.fromEntries(QUEUE_NAMES.map((name) => [name, { ready: 0, leased: 0 }])), ...changes }) as Record<QueueName, QueueDepth>;
const unread = { ready: 3, leased: 0 };

const rows: [string, Partial<HealthFacts>, Partial<Record<QueueName, QueueDepth>>, Health["state"], RegExp, Health["remedy"]?][] = [
  ["a project that crawls", {}, {}, "runs", /being crawled/],
  ["a new project", { status: "TODO" }, {}, "stopped", /never started/, "setRunning"],
  ["a stopped project", { status: "STOP" }, {}, "stopped", /is stopped/, "setRunning"],
  ["a changed script", { status: "CHECKING" }, {}, "stopped", /was changed/, "setRunning"],
  [
    "a script that fails when it is loaded",
    { scriptError: { code: "E_SCRIPT", message: "boom (a.ts:1:1)", retryable: false } },
    {},
    "stopped",
    /as soon as it is loaded\. boom/,
    "editScript",
  ],
  ["a rate of 0", { rate: 0 }, {}, "stopped", /rate is 0/, "raiseRate"],
  ["no scheduler", { hasScheduler: false }, {}, "stopped", /No scheduler/],
  ["no tasks", { ...RESTING, pending: 0, ended: 0 }, {}, "stopped", /no tasks yet/, "run"],
  ["orders that no fetcher takes", {}, { scheduler2fetcher: unread }, "stopped", /No fetcher/],
  ["pages that no processor takes", {}, { fetcher2processor: unread }, "stopped", /No processor/],
  ["results that no result-worker takes", {}, { processor2result: unread }, "stopped", /No result-worker/],
  ["orders that a fetcher works on", {}, { scheduler2fetcher: { ready: 3, leased: 1 } }, "runs", /being crawled/],
  ["orders of other projects alone", { ...RESTING, pending: 0 }, { scheduler2fetcher: unread }, "ended", /have ended/, "run"],
  ["a pause after failures", { pausedUntil: NOW + 90 }, {}, "waits", /paused for 90 s/],
  ["due tasks that wait for the rate", { hasInFlight: false }, {}, "runs", /rate of 2 a second/],
  ["tasks that wait for their hosts", { ...RESTING, hostOpensAt: NOW + 200 }, {}, "waits", /again in 4 min \(hostDelay/],
  ["a retry", { ...RESTING, nextAt: NOW + 3_600, isRetry: true }, {}, "waits", /tried again in 60 min/],
  ["a task for later", { ...RESTING, nextAt: NOW + 200_000 }, {}, "waits", /is due in 3 d/],
  ["tasks far in the future", RESTING, {}, "waits", /at later times/],
  ["an ended crawl", { ...RESTING, pending: 0 }, {}, "ended", /have ended/, "run"],
];

for (const [name, facts, queues, state, reason, remedy] of rows) {
  test(`the health of ${name} says so`, () => {
    const health = explainHealth({ ...CRAWLING, ...facts }, depths(queues), NOW);

    assert.equal(health.state, state);
    assert.match(health.reason, reason);
    assert.equal(health.remedy, remedy);
  });
}
