import assert from "node:assert/strict";
import { test } from "node:test";
import type { KnownTask } from "../../../services/core/store/scheduling.ts";
import type { Schedule } from "../../../services/core/task.ts";
import { countEnd, isPaused } from "../../../services/scheduler/auto-pause.ts";
import { shareCredit } from "../../../services/scheduler/credit.ts";
import { mergeFetchOptions } from "../../../services/scheduler/fetch-order.ts";
import { decideKnownTask } from "../../../services/scheduler/known-task.ts";
import { DEFAULT_RETRY_DELAYS_SECONDS, retryDelaySeconds } from "../../../services/scheduler/retry-delay.ts";
import { SeenTasks } from "../../../services/scheduler/seen-tasks.ts";
import { decideEnd } from "../../../services/scheduler/task-end.ts";
import { dueTicks } from "../../../services/scheduler/ticks.ts";
import { allowance, fill } from "../../../services/scheduler/token-bucket.ts";

const NOW = 1_000_000;
const crawled100SecondsAgo: KnownTask = {
  project: "books",
  taskid: "a",
  status: 2,
  queue: null,
  retried: 0,
  schedule: {},
  lastcrawltime: NOW - 100,
};

const knownTaskTable: [string, Schedule, Partial<KnownTask>, string][] = [
  ["no wishes", {}, {}, "ignore"],
  ["age -1", { age: -1 }, {}, "ignore"],
  ["only autoRecrawl", { autoRecrawl: true }, {}, "ignore"],
  ["only cancel", { cancel: true }, {}, "ignore"],
  ["age 0", { age: 0 }, {}, "restart"],
  ["an age that has passed", { age: 50 }, {}, "restart"],
  ["an age that has not passed", { age: 200 }, {}, "ignore"],
  ["an age, never crawled", { age: 50 }, { lastcrawltime: null }, "restart"],
  ["an itag, none stored", { itag: "a" }, {}, "restart"],
  ["the stored itag", { itag: "a" }, { schedule: { itag: "a" } }, "ignore"],
  ["another itag", { itag: "b" }, { schedule: { itag: "a" } }, "restart"],
  ["no itag, one stored", {}, { schedule: { itag: "a" } }, "ignore"],
  ["forceUpdate", { forceUpdate: true }, {}, "restart"],
  ["forceUpdate while in flight", { forceUpdate: true }, { status: 1, queue: 3 }, "postpone"],
  ["age 0 while in flight", { age: 0 }, { status: 1, queue: 3 }, "ignore"],
  ["age 0 while due", { age: 0 }, { status: 1, queue: 1 }, "ignore"],
  ["forceUpdate while due", { forceUpdate: true }, { status: 1, queue: 1 }, "restart"],
  ["age 0 while it waits for a retry (pyspider swallows it)", { age: 0 }, { status: 1, queue: 2, retried: 1 }, "restart"],
  ["age 0 while it waits for its own time", { age: 0 }, { status: 1, queue: 2, retried: 0 }, "ignore"],
  ["cancel with forceUpdate", { cancel: true, forceUpdate: true }, {}, "cancel"],
  ["cancel with an age that has passed", { cancel: true, age: 50 }, {}, "cancel"],
  ["cancel with another itag", { cancel: true, itag: "b" }, {}, "cancel"],
];

for (const [name, wanted, known, expected] of knownTaskTable) {
  test(`a known task asked for with ${name}: ${expected}`, () => {
    assert.equal(decideKnownTask(wanted, { ...crawled100SecondsAgo, ...known }, NOW), expected);
  });
}

const delayTable: [string, number, number, number[] | undefined, number][] = [
  ["the first failure waits 30 s", 0, -1, undefined, 30],
  ["the second 1 h", 1, -1, undefined, 3_600],
  ["the third 6 h", 2, -1, undefined, 21_600],
  ["the fourth 12 h", 3, -1, undefined, 43_200],
  ["the fifth 24 h", 4, -1, undefined, 86_400],
  ["the ninth 24 h as well", 8, -1, undefined, 86_400],
  ["no wait is longer than the page's age", 0, 10, undefined, 10],
  ["age 0 waits not at all", 0, 0, undefined, 0],
  ["the last of a script's own delays goes on", 5, -1, [1, 2, 4], 4],
];

for (const [name, retried, age, delays, expected] of delayTable) {
  test(`retry delay: ${name}`, () => {
    assert.equal(retryDelaySeconds(retried, age, delays ?? DEFAULT_RETRY_DELAYS_SECONDS), expected);
  });
}

const ok = { process: { ok: true, timeMs: 1, follows: 0, logs: "" } };
const failed = (retryable: boolean) => ({ process: { ...ok.process, ok: false, error: { code: "E_X", message: "x", retryable } } });
const endTable: [string, Parameters<typeof decideEnd>[0], Schedule, number, object][] = [
  ["a success is over", ok, {}, 2, { event: "success", status: 2, queue: null, retried: 0 }],
  ["autoRecrawl without age is over", ok, { autoRecrawl: true }, 0, { event: "success", status: 2, queue: null }],
  [
    "autoRecrawl with age waits for it, retries counted anew",
    ok,
    { autoRecrawl: true, age: 5 },
    2,
    { queue: 2, exetime: NOW + 5, retried: 0 },
  ],
  ["a failure waits for a retry", failed(true), {}, 0, { event: "retry", status: 1, queue: 2, exetime: NOW + 30, retried: 1 }],
  ["the fourth failure is the last by default", failed(true), {}, 3, { event: "failed", status: 3, queue: null }],
  ["an explicit age -1 still retries (pyspider gives up)", failed(true), { age: -1 }, 0, { event: "retry", exetime: NOW + 30 }],
  ["no retries wanted", failed(true), { retries: 0 }, 0, { event: "failed", status: 3 }],
  ["what would fail again is not retried", failed(false), {}, 0, { event: "failed", status: 3 }],
  [
    "autoRecrawl outlives its retries",
    failed(true),
    { autoRecrawl: true, age: 7 },
    3,
    { event: "failed", status: 1, exetime: NOW + 7, retried: 0 },
  ],
  [
    "poison is parked whatever the schedule",
    { ...failed(true), dead: { queue: "q", deliveries: 5, reason: "r" } },
    { autoRecrawl: true, age: 7 },
    0,
    { event: "failed", status: 3, queue: null },
  ],
];

for (const [name, outcome, schedule, retried, expected] of endTable) {
  test(`the end of a run: ${name}`, () => {
    const decision = decideEnd(outcome, { schedule, retried }, { delays: DEFAULT_RETRY_DELAYS_SECONDS, now: NOW });

    assert.partialDeepStrictEqual(decision, expected);
  });
}

test("a token bucket begins full, refills by its rate, and never holds more than its burst", () => {
  const pace = { rate: 0.5, burst: 3 };

  const first = fill(undefined, pace, NOW);
  const emptied = { ...first, tokens: 0 };

  assert.equal(allowance(first, pace), 3);
  assert.equal(allowance(fill(emptied, pace, NOW + 1), pace), 0);
  assert.equal(allowance(fill(emptied, pace, NOW + 2), pace), 1);
  assert.equal(allowance(fill(emptied, pace, NOW + 3_600), pace), 3);
  assert.equal(fill(emptied, pace, NOW - 60).tokens, 0);
  assert.equal(allowance(first, { rate: 0, burst: 3 }), 0);
  assert.equal(allowance(first, { rate: 1, burst: 0.5 }), 0);
});

test("ten failures in a row pause a project, a success in the check ends it, three failures in the check pause it again", () => {
  const options = { failuresToPause: 10, now: NOW };
  let state = { failuresInRow: 0, pausedUntil: 0 };
  for (let failures = 1; failures <= 9; failures++) state = countEnd(state, false, options);
  assert.equal(isPaused(state, NOW), false);

  const paused = countEnd(state, false, options);
  const later = { ...options, now: NOW + 301 };
  const healed = countEnd(paused, true, later);
  let again = paused;
  for (let failures = 1; failures <= 3; failures++) again = countEnd(again, false, later);

  assert.equal(isPaused(paused, NOW + 299), true);
  assert.equal(isPaused(paused, NOW + 301), false);
  assert.deepEqual(healed, { failuresInRow: 0, pausedUntil: 0 });
  assert.equal(isPaused(again, NOW + 600), true);
  assert.deepEqual(countEnd(state, false, { ...options, failuresToPause: 0 }), state);
});

const tickTable: [string, number, number, number, number[]][] = [
  ["nothing before the interval has passed", 60, 960, 1_019, []],
  ["one when it has", 60, 960, 1_020, [1_020]],
  ["each of several that were missed", 10, 995, 1_020, [1_000, 1_010, 1_020]],
  ["only those of the last minute after a long stand-still", 20, 10, 100_000, [99_960, 99_980, 100_000]],
  ["the last one when the interval is longer than the stand-still", 3_600, 10, 7_300, [7_200]],
  ["none for a project that has just begun", 1, 0, 1_000, []],
];

for (const [name, seconds, lastTick, now, expected] of tickTable) {
  test(`ticks of every: ${name}`, () => {
    assert.deepEqual(
      dueTicks([{ callback: "poll", seconds }], lastTick, now).map(({ at }) => at),
      expected,
    );
  });
}

test("credit is shared equally, and what one project leaves the others get", () => {
  const demand = (project: string, tokens: number, inFlight = 0) => ({ project, tokens, inFlight, pageBytes: 1_000 });
  const limits = { tasks: 100, tasksPerProject: 60, bytes: 1_000_000 };

  const shares = shareCredit([demand("big", 1_000), demand("small", 5), demand("full", 10, 60)], { tasks: 0, bytes: 0 }, limits);

  assert.deepEqual(Object.fromEntries(shares), { small: 5, big: 60 });
});

test("credit in bytes holds back projects with large pages", () => {
  const demand = { project: "films", tokens: 100, inFlight: 0, pageBytes: 400_000 };

  const shares = shareCredit([demand], { tasks: 0, bytes: 200_000 }, { tasks: 100, tasksPerProject: 60, bytes: 1_000_000 });

  assert.equal(shares.get("films"), 2);
});

test("a task's own fetch options win over the project's, headers key by key", () => {
  const merged = mergeFetchOptions({ timeout: 5, headers: { a: "1", b: "1" } }, { headers: { b: "2" } });

  assert.deepEqual(merged, { timeout: 5, headers: { a: "1", b: "2" } });
});

test("seen tasks are forgotten by halves, the older ones first", () => {
  const seen = new SeenTasks(4);

  for (const id of ["1", "2", "3", "4", "5"]) seen.add("p", id);

  assert.deepEqual(
    ["1", "3", "5"].map((id) => seen.has("p", id)),
    [false, true, true],
  );
  assert.equal(seen.has("q", "5"), false);
});
