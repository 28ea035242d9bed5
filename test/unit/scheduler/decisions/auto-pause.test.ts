/** When a project that fails again and again is held back (scheduler.py `Project.paused`). */
import { countEnd, type End, endsPause, evidenceOf, isPaused, NOT_PAUSED } from "../../../../services/scheduler/auto-pause.ts";
import { type DecisionRow, testDecisions } from "../../../fixtures/decision-table.ts";

type Timed = [second: number, end: End];
const ends = (count: number, end: End, at = 0): Timed[] => Array.from({ length: count }, () => [at, end]);
const fails = (count: number, at = 0) => ends(count, { evidence: "failure", host: "a" }, at);
const succeeds = (at: number) => ends(1, { evidence: "success", host: "a" }, at);
const dead = (count: number, host: string, at = 0) => ends(count, { evidence: "server", host }, at);
const answers = (host: string, count = 1) => ends(count, { evidence: "answer", host });

interface Given {
  ends: Timed[];
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
  {
    name: "600 pages that fail while their server answers",
    given: { ends: answers("a", 600), at: 1 },
    ours: false,
    pyspider: "paused",
    why: "dead pages say nothing about others",
  },
  {
    name: "10 failures of the script, dead pages among them",
    given: { ends: [...fails(5), ...answers("a"), ...fails(5)], at: 1 },
    ours: true,
    pyspider: "same",
  },
  { name: "a server that died", given: { ends: [...succeeds(0), ...dead(10, "a")], at: 1 }, ours: true, pyspider: "same" },
  { name: "a server that never answered", given: { ends: dead(10, "a"), at: 1 }, ours: true, pyspider: "same" },
  {
    name: "a server that answers between its failures",
    given: { ends: [...dead(6, "a"), ...answers("a"), ...dead(6, "a")], at: 1 },
    ours: false,
    pyspider: "paused",
    why: "it lives",
  },
  {
    name: "dead links to another server, while the project's own lives",
    given: { ends: [...answers("a"), ...dead(600, "b")], at: 1 },
    ours: false,
    pyspider: "paused",
    why: "the project's own pages can be crawled",
  },
  {
    name: "a server that died, while another one answers",
    given: { ends: [...answers("a"), ...dead(9, "a"), ...answers("b"), ...dead(9, "a")], at: 1 },
    ours: false,
    pyspider: "paused",
    why: "the other one's pages can be crawled",
  },
  {
    name: "a list of servers that are all dead",
    given: { ends: Array.from({ length: 50 }, (_, index) => dead(1, `host${index}`)).flat(), at: 1 },
    ours: false,
    pyspider: "paused",
    why: "the next of the list may live",
  },
  {
    name: "one of two servers died, and 3 of its pages fail in the check",
    given: { ends: [...answers("b"), ...answers("a"), ...dead(10, "a"), ...dead(3, "a", 301)], at: 302 },
    ours: true,
    pyspider: "same",
  },
];

testDecisions("auto-pause", rows, ({ ends, at, failuresToPause = 10 }) => {
  let state = NOT_PAUSED;
  for (const [now, end] of ends) state = countEnd(state, end, { failuresToPause, now });
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

testDecisions<{ code?: string; status?: number; retried?: number; taskid?: string }, string>(
  "what an end says about its project",
  [
    { name: "a success", given: {}, ours: "success", pyspider: "same" },
    { name: "a success of a retry", given: { retried: 2 }, ours: "success", pyspider: "same" },
    { name: "a script that throws", given: { code: "E_SCRIPT" }, ours: "failure", pyspider: "same" },
    {
      name: "a retry that fails",
      given: { code: "E_SCRIPT", retried: 1 },
      ours: "nothing",
      pyspider: "it counts",
      why: "the last retries of a crawl must not delay its end",
    },
    ...[404, 410, 403, 500, 429].map((status) => ({
      name: `a page with status ${status}`,
      given: { code: "E_PAGE_STATUS", status },
      ours: "answer",
      pyspider: "it counts",
      why: "the server lives; dead links in clumps paused the project for five minutes each time",
    })),
    ...[502, 503, 504, 522].map((status) => ({
      name: `a page with status ${status}`,
      given: { code: "E_PAGE_STATUS", status },
      ours: "server",
      pyspider: "same" as const,
    })),
    ...["E_CONNECTION", "E_DNS", "E_FETCH_TIMEOUT", "E_TLS"].map((code) => ({
      name: `a page without an answer: ${code}`,
      given: { code },
      ours: "server",
      pyspider: "same" as const,
    })),
    {
      name: "a page that robots.txt closes",
      given: { code: "E_ROBOTS_DISALLOWED" },
      ours: "nothing",
      pyspider: "it counts, as a page with status 403",
      why: "neither script nor site has failed",
    },
    {
      name: "a link that leads nowhere",
      given: { code: "E_TOO_MANY_REDIRECTS" },
      ours: "nothing",
      pyspider: "it counts",
      why: "it is a dead page",
    },
    {
      name: "a message that the project cannot read",
      given: { code: "E_SCRIPT", taskid: "_on_message_1" },
      ours: "nothing",
      pyspider: "it counts, so any project can pause any other",
      why: "it depends on its sender",
    },
  ],
  ({ code, status = 599, retried = 0, taskid = "a" }) => {
    const error = code === undefined ? {} : { error: { code, message: "x", retryable: true } };
    return evidenceOf({ taskid, process: { ok: code === undefined, ...error }, fetch: { statusCode: status } }, retried);
  },
);
