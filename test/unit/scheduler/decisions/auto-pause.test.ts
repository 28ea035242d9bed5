/** When a project that fails again and again is held back (scheduler.py `Project.paused`). */
import { countEnd, endsPause, isNeutral, isPaused, NOT_PAUSED } from "../../../../services/scheduler/auto-pause.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

type End = [second: number, isOk: boolean];
const fails = (count: number, at = 0): End[] => Array.from({ length: count }, () => [at, false]);
const succeeds = (at: number): End[] => [[at, true]];

interface Given {
  ends: End[];
  /** The second that is asked about. */
  at: number;
  failuresToPause?: number;
}
const rows: DecisionRow<Given, boolean>[] = [
  { name: "9 failures", given: { ends: fails(9), at: 1 }, ours: false, pyspider: "same" },
  { name: "10 failures in a row", given: { ends: fails(10), at: 1 }, ours: true, pyspider: "same" },
  {
    name: "10 failures, a success among them",
    given: { ends: [...fails(6), ...succeeds(0), ...fails(4)], at: 1 },
    ours: false,
    pyspider: "same",
  },
  { name: "299 s after the pause began", given: { ends: fails(10), at: 299 }, ours: true, pyspider: "same" },
  { name: "301 s after it began: checking", given: { ends: fails(10), at: 301 }, ours: false, pyspider: "same" },
  { name: "2 failures in the check", given: { ends: [...fails(10), ...fails(2, 301)], at: 302 }, ours: false, pyspider: "same" },
  { name: "3 failures in the check", given: { ends: [...fails(10), ...fails(3, 301)], at: 302 }, ours: true, pyspider: "same" },
  {
    name: "a success in the check, then 9 failures",
    given: { ends: [...fails(10), ...succeeds(301), ...fails(9, 302)], at: 303 },
    ours: false,
    pyspider: "same",
  },
  {
    name: "a success in the check, then 10",
    given: { ends: [...fails(10), ...succeeds(301), ...fails(10, 302)], at: 303 },
    ours: true,
    pyspider: "same",
  },
  {
    name: "a success of a task that was in flight when the pause began",
    given: { ends: [...fails(10), ...succeeds(2)], at: 3 },
    ours: true,
    pyspider: "same",
  },
  { name: "a limit of 0", given: { ends: fails(100), at: 1, failuresToPause: 0 }, ours: false, pyspider: "same" },
  {
    name: "a limit of 2, 2 failures in the check",
    given: { ends: [...fails(2), ...fails(2, 301)], at: 302, failuresToPause: 2 },
    ours: true,
    pyspider: "not before 3",
    why: "a check allows no more failures than the crawl",
  },
];

testDecisions("auto-pause", rows, ({ ends, at, failuresToPause = 10 }) => {
  let state = NOT_PAUSED;
  for (const [now, ok] of ends) state = countEnd(state, ok, { failuresToPause, now });
  return isPaused(state, at);
});

const before = { scriptHash: "a", status: "RUNNING" };
testDecisions<Partial<typeof before>, boolean>(
  "the end of a pause",
  [
    {
      name: "another script",
      given: { scriptHash: "b" },
      ours: true,
      pyspider: "not before the 300 s are over",
      why: "the user has fixed it and wants to see it run",
    },
    {
      name: "another state",
      given: { status: "DEBUG" },
      ours: true,
      pyspider: "not before the 300 s are over",
      why: "the user has acted",
    },
    { name: "another rate", given: {}, ours: false, pyspider: "same" },
  ],
  (change) => endsPause(before, { ...before, ...change }),
);

testDecisions<{ code?: string; retryable?: boolean; retried: number; taskid?: string }, boolean>(
  "an end that tells nothing of its project",
  [
    { name: "a success", given: { retried: 0 }, ours: false, pyspider: "same" },
    { name: "a success of a retry", given: { retried: 2 }, ours: false, pyspider: "same" },
    { name: "a first try that fails", given: { code: "E_PAGE_STATUS", retried: 0 }, ours: false, pyspider: "same" },
    { name: "a script that throws", given: { code: "E_SCRIPT", retried: 0 }, ours: false, pyspider: "same" },
    {
      name: "a retry that fails",
      given: { code: "E_PAGE_STATUS", retried: 1 },
      ours: true,
      pyspider: "it counts",
      why: "the last retries of a crawl must not delay its end",
    },
    {
      name: "a page that does not exist",
      given: { code: "E_PAGE_STATUS", retryable: false, retried: 0 },
      ours: true,
      pyspider: "it counts",
      why: "the site is well; dead links in clumps paused the project for five minutes each time",
    },
    {
      name: "a page that robots.txt closes",
      given: { code: "E_ROBOTS_DISALLOWED", retried: 0 },
      ours: true,
      pyspider: "it counts, as a page with status 403",
      why: "neither script nor site has failed",
    },
    {
      name: "a message that the project cannot read",
      given: { code: "E_SCRIPT", retried: 0, taskid: "_on_message_1" },
      ours: true,
      pyspider: "it counts, so any project can pause any other",
      why: "it depends on its sender",
    },
  ],
  ({ code, retryable = true, retried, taskid = "a" }) => {
    const error = code === undefined ? {} : { error: { code, message: "x", retryable } };
    return isNeutral({ taskid, process: { ok: code === undefined, timeMs: 1, follows: 0, logs: "", ...error } }, retried);
  },
);
