import assert from "node:assert/strict";
import { test } from "node:test";
import { INFO_TASKID } from "../../../services/core/protocol/task.ts";
import { requestInfo } from "../../../services/scheduler/requests.ts";
import { SchedulerState } from "../../../services/scheduler/state.ts";
import type { ScheduledProject } from "../../../services/scheduler/store/scheduler-projects.ts";

const books: ScheduledProject = {
  ...{ name: "books", group: "", status: "RUNNING", rate: 1, burst: 3, scriptHash: "new", info: null, infoHash: "" },
  ...{ lastTick: 0, owesFinished: false, pausedUntil: 0, session: null, keepsPages: false, updatetime: 0 },
};

function stateOf(record: ScheduledProject): SchedulerState {
  const state = new SchedulerState();
  state.setRecord(record);
  return state;
}

const asked = (state: SchedulerState, now: number) => requestInfo(state, now).map(({ project, taskid }) => `${project} ${taskid}`);

test("a new script is asked for its declarations once", () => {
  const state = stateOf(books);

  assert.deepEqual(asked(state, 1_000), [`books ${INFO_TASKID}`]);
  assert.deepEqual(asked(state, 1_001), []);
});

test("a script without an answer is asked again after ten minutes, because its project waits for it", () => {
  const state = stateOf(books);
  asked(state, 1_000);

  assert.deepEqual(asked(state, 1_599), []);
  assert.deepEqual(asked(state, 1_600), [`books ${INFO_TASKID}`]);
});

test("scripts that have answered, or do not run, are not asked again", () => {
  assert.deepEqual(asked(stateOf({ ...books, infoHash: "new", info: { fetchDefaults: {}, every: [], hasOnFinished: false } }), 1_000), []);
  assert.deepEqual(asked(stateOf({ ...books, status: "STOP" }), 1_000), []);
});
