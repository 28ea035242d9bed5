import assert from "node:assert/strict";
import { test } from "node:test";
import type { ScheduledProject } from "../../../services/core/store/scheduler-projects.ts";
import { INFO_TASKID } from "../../../services/core/task.ts";
import { infoRequests } from "../../../services/scheduler/requests.ts";
import { SchedulerState } from "../../../services/scheduler/state.ts";

const books: ScheduledProject = {
  ...{ name: "books", group: "", status: "RUNNING", rate: 1, burst: 3, scriptHash: "new", info: null, infoHash: "" },
  ...{ lastTick: 0, owesFinished: false, pausedUntil: 0, updatetime: 0 },
};

function stateOf(record: ScheduledProject): SchedulerState {
  const state = new SchedulerState();
  state.setRecord(record);
  return state;
}

const asked = (state: SchedulerState, now: number) => infoRequests(state, now).map(({ project, taskid }) => `${project} ${taskid}`);

test("a new script is asked once what it says of itself", () => {
  const state = stateOf(books);

  assert.deepEqual(asked(state, 1_000), [`books ${INFO_TASKID}`]);
  assert.deepEqual(asked(state, 1_001), []);
});

test("a script that has not answered after ten minutes is asked again: nothing of its project runs before", () => {
  const state = stateOf(books);
  asked(state, 1_000);

  assert.deepEqual(asked(state, 1_599), []);
  assert.deepEqual(asked(state, 1_600), [`books ${INFO_TASKID}`]);
});

test("a script that has answered is not asked again, and neither is one that does not run", () => {
  assert.deepEqual(asked(stateOf({ ...books, infoHash: "new", info: { fetchDefaults: {}, every: [], hasOnFinished: false } }), 1_000), []);
  assert.deepEqual(asked(stateOf({ ...books, status: "STOP" }), 1_000), []);
});
