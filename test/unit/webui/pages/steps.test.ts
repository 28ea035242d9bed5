import assert from "node:assert/strict";
import { test } from "node:test";
import type { DebugReport } from "../../../../services/webui/pages/api/types.ts";
import {
  idFor,
  newSession,
  outline,
  type Session,
  type SessionEvent,
  type StepTask,
  sessionAfter,
} from "../../../../services/webui/pages/debugger/steps.ts";

const list: StepTask = { url: "http://a.test/", callback: "list" };
const book = (n: number): StepTask => ({
  ...{ url: `http://a.test/${n}`, callback: "book" },
  follow: { taskid: `${n}`, url: `http://a.test/${n}`, process: { callback: "book" } },
});
const after = (...events: SessionEvent[]) => events.reduce(sessionAfter, newSession());
const shape = (session: Session) => outline(session.steps).map(({ step, depth }) => `${" ".repeat(depth)}${step.callback} ${step.id}`);

test("a session begins with onStart", () => {
  assert.deepEqual([shape(newSession()), newSession().shown], [["onStart 0"], 0]);
});

test("an added step is shown, and stands below its parent", () => {
  const session = after(
    { kind: "add", id: 1, task: list },
    { kind: "add", id: 2, task: book(1), parent: 0 },
    { kind: "add", id: 3, task: book(2), parent: 1 },
  );

  assert.deepEqual(shape(session), ["onStart 0", " book 2", "list 1", " book 3"]);
  assert.equal(session.shown, 3);
});

test("the same task below the same parent is the same step", () => {
  const { steps } = after({ kind: "add", id: 1, task: book(1), parent: 0 });

  assert.deepEqual([idFor(steps, book(1), 0), idFor(steps, book(1)), idFor(steps, book(2), 0)], [1, 2, 2]);
});

test("the report of a run belongs to its step", () => {
  const report = { results: [1] } as unknown as DebugReport;
  const { steps } = after({ kind: "add", id: 1, task: list }, { kind: "ran", id: 1, report });

  assert.deepEqual(
    steps.map((step) => step.report),
    [undefined, report],
  );
});

test("a removed step takes those below it along; onStart is shown if the shown one is gone", () => {
  const session = after(
    { kind: "add", id: 1, task: list },
    { kind: "add", id: 2, task: book(1), parent: 1 },
    { kind: "add", id: 3, task: book(2), parent: 2 },
    { kind: "remove", id: 1 },
  );

  assert.deepEqual([shape(session), session.shown], [["onStart 0"], 0]);
});

test("pinned tasks are steps of a new session, and a stored task is opened as a step of its own, once", () => {
  const pinned = newSession([list]);
  const opened = [book(1), book(1)].reduce((session, task) => sessionAfter(session, { kind: "open", task }), pinned);

  assert.deepEqual(shape(opened), ["onStart 0", "list 1", "book 2"]);
  assert.deepEqual([opened.shown, opened.steps[1]?.isPinned], [2, true]);
});
