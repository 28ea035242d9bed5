import assert from "node:assert/strict";
import { test } from "node:test";
import { currentShares } from "../../../services/scheduler/shares.ts";
import { SchedulerState } from "../../../services/scheduler/state.ts";

const NOW = 1_000;
const settings = { credit: { tasks: 100, tasksPerProject: 100, bytes: 2 ** 30 } };
const info = { fetchDefaults: {}, every: [], hasOnFinished: false };

function stateOf(...names: string[]): SchedulerState {
  const state = new SchedulerState();
  for (const name of names) {
    const notes = { lastTick: 0, owesFinished: false, pausedUntil: 0, session: null, keepsPages: false, updatetime: 0 };
    state.setRecord({ name, group: "", status: "RUNNING", rate: 10, burst: 8, scriptHash: "h", infoHash: "h", info, ...notes });
    state.due.add(name);
  }
  return state;
}

const sharesOf = (state: SchedulerState, pagesLeft: number, now = NOW) =>
  Object.fromEntries(currentShares({ state, settings, pagesLeft, now }));

test("the pages that are left are shared by all projects, and are no more for two than for one", () => {
  assert.deepEqual(sharesOf(stateOf("a"), 5), { a: 5 });
  assert.deepEqual(sharesOf(stateOf("a", "b"), 5), { a: 3, b: 2 });
  assert.deepEqual(sharesOf(stateOf("a", "b"), 0), {});
});

test("tasks in flight do not count towards the pages that are left", () => {
  const state = stateOf("a");
  state.inFlight.set(1, {} as never);

  assert.deepEqual(sharesOf(state, 2), { a: 2 });
});

test("tokens since the bucket was last filled count", () => {
  const state = stateOf("a");
  const [project] = state.projects.values();
  if (project) project.bucket = { tokens: 1, filledAt: NOW };

  assert.deepEqual([sharesOf(state, Infinity), sharesOf(state, Infinity, NOW + 0.5)], [{ a: 1 }, { a: 6 }]);
});
