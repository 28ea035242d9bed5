import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScriptInfo } from "../../../services/core/protocol/messages.ts";
import { requestTicks } from "../../../services/scheduler/requests.ts";
import { SchedulerState } from "../../../services/scheduler/state.ts";
import type { ScheduledProject } from "../../../services/scheduler/store/scheduler-projects.ts";

/** 2026-06-01 04:00 UTC. */
const FOUR = Date.UTC(2026, 5, 1, 4) / 1_000;
const info: ScriptInfo = {
  fetchDefaults: {},
  every: [{ callback: "poll", seconds: 3_600 }],
  cron: [{ callback: "daily", expression: "0 4 * * *", timeZone: "UTC" }],
  hasOnFinished: false,
};

function stateOf(fields: Partial<ScheduledProject> = {}): SchedulerState {
  const state = new SchedulerState();
  const hashes = { scriptHash: "h", infoHash: "h", info };
  const notes = { lastTick: FOUR - 100, owesFinished: false, pausedUntil: 0, session: null, keepsPages: false, updatetime: 0 };
  state.setRecord({ name: "books", group: "", status: "RUNNING", rate: 1, burst: 1, ...hashes, ...notes, ...fields });
  return state;
}

/** What is due a second after four, for a project that was `before` until then. */
function dueAfter(before: Partial<ScheduledProject>, { isHeld = false } = {}): string[] {
  const state = stateOf(before);
  const project = state.projects.get("books");
  if (project) project.isHeld = isHeld;
  requestTicks(state, FOUR - 1, new Set());
  if (project) project.isHeld = false;
  state.setRecord({ ...stateOf().projects.get("books")?.record, lastTick: 0 } as ScheduledProject);
  return requestTicks(state, FOUR + 1, new Set()).map(({ taskid }) => taskid);
}

const both = [`_every_poll_${FOUR}`, `_every_daily_${FOUR}`];

for (const [name, due, expected] of [
  ["runs all the time has both its ticks", () => dueAfter({}), both],
  ["was stopped misses them", () => dueAfter({ status: "STOP" }), []],
  ["was being asked about its new script has them", () => dueAfter({ infoHash: "old" }), both],
  ["was being cleared has them", () => dueAfter({}, { isHeld: true }), both],
] as const) {
  test(`a project that ${name}`, () => {
    assert.deepEqual(due(), expected);
  });
}

test("a tick is served once, and the served ticks are stored with it", () => {
  const state = stateOf();
  const changed = new Set<string>();

  const [first, second] = [requestTicks(state, FOUR, changed), requestTicks(state, FOUR + 1, new Set())];

  assert.deepEqual(
    first.map(({ taskid, process, save }) => [taskid, process.callback, save]),
    [
      [both[0], "poll", { tick: FOUR }],
      [both[1], "daily", { tick: FOUR }],
    ],
  );
  assert.deepEqual(second, []);
  assert.deepEqual([...changed], ["books"]);
  assert.equal(state.projects.get("books")?.record.lastTick, FOUR);
});

test("a method with two decorators that occur in one second is one task", () => {
  const state = stateOf({ info: { ...info, cron: [{ callback: "poll", expression: "0 4 * * *", timeZone: "UTC" }] } });

  const ids = requestTicks(state, FOUR, new Set()).map(({ taskid }) => taskid);

  assert.deepEqual([...new Set(ids)], [both[0]]);
});
