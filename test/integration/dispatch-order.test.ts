/** The order in which tasks are dispatched (pyspider's scheduler/task_queue.py): what priority and exetime come to in the database. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { Schedule } from "../../services/core/protocol/task.ts";
import { ALL_DUE, dispatchDue, insertTasks, restartTasks, wakeWaiting } from "../../services/scheduler/store/scheduling.ts";
import { placeTask } from "../../services/scheduler/task-place.ts";
import { addProject, openTestEmbedded, type TestDatabase } from "../fixtures/database.ts";

const NOW = 1_000_000;
type Step = { ask: string; schedule?: Schedule } | { again: string; schedule?: Schedule } | { time: number };

const rows: { name: string; steps: Step[]; ours: string; pyspider: string; why?: string }[] = [
  { name: "first in, first out", steps: [{ ask: "a" }, { ask: "b" }], ours: "a b", pyspider: "a b" },
  {
    name: "the higher priority first",
    steps: [{ ask: "a" }, { ask: "b", schedule: { priority: 1 } }, { ask: "c", schedule: { priority: -1 } }, { ask: "d" }],
    ours: "b a d c",
    pyspider: "b a d c",
  },
  { name: "not before its exetime", steps: [{ ask: "a", schedule: { exetime: NOW + 5 } }, { ask: "b" }], ours: "b", pyspider: "b" },
  {
    name: "by exetime when it has come, after tasks that became due earlier",
    steps: [{ ask: "a", schedule: { exetime: NOW + 5 } }, { ask: "b", schedule: { exetime: NOW + 3 } }, { ask: "c" }, { time: NOW + 6 }],
    ours: "c b a",
    pyspider: "c b a",
  },
  {
    name: "by priority among tasks whose time has come",
    steps: [{ ask: "a", schedule: { exetime: NOW + 3 } }, { ask: "b", schedule: { exetime: NOW + 5, priority: 1 } }, { time: NOW + 6 }],
    ours: "b a",
    pyspider: "b a",
  },
  {
    name: "a forced request raises the priority of a task that is due",
    steps: [{ ask: "a" }, { ask: "b" }, { again: "b", schedule: { priority: 5 } }],
    ours: "b a",
    pyspider: "b a",
  },
  {
    name: "a forced request lowers the priority",
    steps: [{ ask: "a", schedule: { priority: 5 } }, { ask: "b", schedule: { priority: 1 } }, { again: "a" }],
    ours: "b a",
    pyspider: "a b",
    why: "the last request says what is wanted now; pyspider keeps the higher priority and the earlier time",
  },
  {
    name: "a forced request postpones a task",
    steps: [{ ask: "a" }, { ask: "b" }, { again: "a", schedule: { exetime: NOW + 5 } }],
    ours: "b",
    pyspider: "a b",
    why: "the last request says what is wanted now; pyspider keeps the higher priority and the earlier time",
  },
];

let store: TestDatabase;
before(async () => {
  store = await openTestEmbedded();
});
beforeEach(async () => {
  await store.reset();
  await addProject(store.database, "books");
});
after(() => store[Symbol.asyncDispose]());

async function take(step: Step): Promise<void> {
  if ("time" in step) {
    await wakeWaiting(store.database, { after: 0, now: step.time }, 10);
    return;
  }
  const taskid = "ask" in step ? step.ask : step.again;
  const { schedule = {} } = step;
  const task = { project: "books", taskid, url: "http://site.test/", schedule, fetch: {}, process: { callback: "page" } };
  const row = { ...task, ...placeTask(taskid, schedule, NOW) };
  if ("ask" in step) await insertTasks(store.database, [row], NOW);
  else await restartTasks(store.database, [row], NOW);
}

for (const { name, steps, ours, pyspider, why } of rows) {
  test(`${name}: ${ours} (${why ? `pyspider: ${pyspider}, but ${why}` : "as pyspider"})`, async () => {
    for (const step of steps) await take(step);

    const dispatched = await dispatchDue(store.database, [{ project: "books", count: 10, ...ALL_DUE }], NOW + 60);

    assert.equal(dispatched.map(({ taskid }) => taskid).join(" "), ours);
    assert.equal(ours === pyspider, why === undefined);
  });
}
