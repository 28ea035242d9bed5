import type { Outcome, TaskError } from "../core/protocol/messages.ts";
import { MESSAGE_TASK_PREFIX } from "../core/protocol/task.ts";

/**
 * The scheduler pauses a project whose servers are dead, or whose script fails repeatedly (pyspider's auto-pause, scheduler.py `Project.paused`).
 *
 * - running: failures in a row are counted; the 10th leads to paused.
 * - paused: nothing is dispatched for 300 s; then checking.
 * - checking: tasks flow; a success leads to running, 3 failures lead back to paused.
 *
 * Pages that fail while their server answers are dead pages, which say nothing about the others.
 */
export interface AutoPause {
  /** Failures of the script, or of anything but pages and servers, since the last success. */
  failuresInRow: number;
  /** Failures of servers since the last answer. */
  serverFailures: number;
  /** Unix seconds; 0 when running. After this time the project is checking. */
  pausedUntil: number;
  /** Hosts that have answered; the oldest are dropped. */
  answered: readonly string[];
  /** While no host has answered: the host whose failures count. */
  firstFailed?: string | undefined;
}

/** pyspider's `--fail-pause-num`. */
export const DEFAULT_FAILURES_TO_PAUSE = 10;
export const PAUSE_SECONDS = 300;
export const FAILURES_WHILE_CHECKING = 3;
/** Of a crawl of many hosts, the failures of those that answered last count. */
const HOSTS_KEPT = 100;

/** The state of a project that has not failed. */
export const NOT_PAUSED: AutoPause = { failuresInRow: 0, serverFailures: 0, pausedUntil: 0, answered: [] };

/** A new script or another state ends a pause, because the user has acted. In pyspider they wait for the rest of the 300 s. */
export const endsPause = (before: { scriptHash: string; status: string }, after: { scriptHash: string; status: string }): boolean =>
  before.scriptHash !== after.scriptHash || before.status !== after.status;

export const isPaused = ({ pausedUntil }: Pick<AutoPause, "pausedUntil">, now: number) => now < pausedUntil;

/**
 * What the end of a run says about its project. `success`: everything works. `answer`: the page failed, its server lives. `server`: the server sent
 * no answer. `failure`: the script or Orbweaver failed. `nothing`: nothing.
 */
export type Evidence = "success" | "answer" | "server" | "failure" | "nothing";

/** No complete answer came, for a reason that may apply to all pages of the server. */
const SERVER_CODES = new Set([
  "E_BAD_RESPONSE",
  "E_CONNECTION",
  "E_DNS",
  "E_FETCH_TIMEOUT",
  "E_PROXY",
  "E_RENDER",
  "E_ROBOTS_UNREACHABLE",
  "E_TLS",
]);
/** No page was asked for, or the page itself was refused: links that lead nowhere. */
const PAGE_CODES = new Set([
  "E_BAD_REQUEST",
  "E_BODY_TOO_LARGE",
  "E_OUTSIDE_DOMAINS",
  "E_PRIVATE_ADDRESS",
  "E_ROBOTS_DISALLOWED",
  "E_TOO_MANY_REDIRECTS",
  "E_UNSUPPORTED_URL",
]);
/** A gateway that gets no answer from the server behind it (RFC 9110, sections 15.6.3 to 15.6.5), and Cloudflare's own for the same. */
const isGatewayStatus = (status: number) => (status >= 502 && status <= 504) || (status >= 520 && status <= 530);

/**
 * A repeated failure of the same page adds no information: the last retries of a crawl must not delay its end. And other projects choose a project's
 * messages, so messages must neither pause nor unpause it.
 *
 * @param retried failures of the task before this run.
 */
export function evidenceOf(
  { process, taskid, fetch }: Pick<Outcome, "taskid"> & { process: { ok: boolean; error?: TaskError }; fetch: { statusCode: number } },
  retried: number,
): Evidence {
  if (taskid.startsWith(MESSAGE_TASK_PREFIX)) return "nothing";
  if (process.ok) return "success";
  if (retried > 0) return "nothing";
  const { code = "" } = process.error ?? {};
  if (code === "E_PAGE_STATUS") return isGatewayStatus(fetch.statusCode) ? "server" : "answer";
  if (SERVER_CODES.has(code)) return "server";
  return PAGE_CODES.has(code) ? "nothing" : "failure";
}

export interface End {
  evidence: Evidence;
  /** Of the page; absent if nothing was fetched. */
  host?: string | undefined;
}

/**
 * The state after one more end. Tasks that were in flight when the pause began change nothing.
 *
 * @param failuresToPause 0 turns auto-pause off.
 */
export function countEnd(
  state: AutoPause,
  { evidence, host }: End,
  { failuresToPause, now }: { failuresToPause: number; now: number },
): AutoPause {
  if (failuresToPause === 0 || isPaused(state, now) || evidence === "nothing") return state;
  const answered = evidence === "server" || host === undefined ? state.answered : withHost(state.answered, host);
  if (evidence === "success") return { ...NOT_PAUSED, answered };
  if (evidence === "answer")
    return state.serverFailures === 0 && answered === state.answered ? state : { ...state, answered, serverFailures: 0 };
  if (evidence === "failure") return pauseAtLimit({ ...state, answered, failuresInRow: state.failuresInRow + 1 }, failuresToPause, now);
  // A dead link to another site: the project's own servers answer.
  const firstFailed = state.firstFailed ?? host;
  const counts = answered.length > 0 ? answered.includes(host ?? "") : host === firstFailed;
  if (!counts) return state;
  return pauseAtLimit({ ...state, firstFailed, serverFailures: state.serverFailures + 1 }, failuresToPause, now);
}

function pauseAtLimit(state: AutoPause, failuresToPause: number, now: number): AutoPause {
  const limit = state.pausedUntil > 0 ? Math.min(FAILURES_WHILE_CHECKING, failuresToPause) : failuresToPause;
  if (Math.max(state.failuresInRow, state.serverFailures) < limit) return state;
  return { ...state, failuresInRow: 0, serverFailures: 0, pausedUntil: now + PAUSE_SECONDS };
}

const withHost = (hosts: readonly string[], host: string): readonly string[] =>
  hosts.includes(host) ? hosts : [...hosts.slice(1 - HOSTS_KEPT), host];
