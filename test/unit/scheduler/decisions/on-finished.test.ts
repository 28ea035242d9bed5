/** When `onFinished` is called (scheduler.py `_check_select`). */
import { isFinished, owesFinished } from "../../../../services/scheduler/on-finished.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

type Given = Parameters<typeof isFinished>[0];
const rows: DecisionRow<Given, boolean>[] = [
  {
    name: "the last task has ended",
    given: { owes: true, pending: 0, isActive: true },
    ours: true,
    pyspider: "after 10 more idle loops, about a second",
    why: "a task ends together with its requests, so no request can be in transit",
  },
  {
    name: "a task is due, in flight, or waits for a retry, its exetime or its next crawl",
    given: { owes: true, pending: 1, isActive: true },
    ours: false,
    pyspider: "same",
  },
  { name: "nothing has run since the last one", given: { owes: false, pending: 0, isActive: true }, ours: false, pyspider: "same" },
  { name: "the project was stopped", given: { owes: true, pending: 0, isActive: false }, ours: false, pyspider: "same" },
];

testDecisions("onFinished", rows, isFinished);

testDecisions<string, boolean>(
  "a dispatch that onFinished is owed for",
  [
    { name: "a page", given: "5d41402abc4b2a76b9719d911017c592", ours: true, pyspider: "same" },
    { name: "onStart", given: "on_start", ours: true, pyspider: "same" },
    { name: "onFinished", given: "on_finished", ours: false, pyspider: "same" },
    { name: "a tick of @every, before it has requested pages", given: "_every_poll_1000", ours: false, pyspider: "same" },
    { name: "a message, before it has requested pages", given: "_on_message_1_0", ours: false, pyspider: "same" },
  ],
  owesFinished,
);
