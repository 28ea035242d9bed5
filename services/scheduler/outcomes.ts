import { messageTask } from "../core/protocol/message-task.ts";
import type { Outcome } from "../core/protocol/messages.ts";
import { isLoginTask } from "../core/protocol/session.ts";
import { INFO_TASKID, SYSTEM_TASK_PREFIX } from "../core/protocol/task.ts";
import type { Sql } from "../core/store/sql.ts";
import { countEnd, evidenceOf } from "./auto-pause.ts";
import { nextWindow } from "./concurrency-window.ts";
import { hostOf } from "./host-limiter.ts";
import type { Request } from "./intake.ts";
import { record } from "./intake-limiter.ts";
import { isOnlyForNewTasks } from "./known-task.ts";
import { LOGIN_RETRY_DELAYS_SECONDS } from "./logins.ts";
import { decideDeferral } from "./retry-after.ts";
import { INFO_RETRY_DELAYS_SECONDS } from "./retry-delay.ts";
import type { RoundCounters } from "./round-counters.ts";
import { requestKey, type SeenTasks } from "./seen-tasks.ts";
import { noteSession } from "./sessions.ts";
import type { SchedulerSettings } from "./settings.ts";
import type { InFlight, SchedulerState } from "./state.ts";
import { openAllLines } from "./store/host-queue.ts";
import { saveInfo } from "./store/scheduler-projects.ts";
import { deleteTasks, endTasks, type TaskEnd } from "./store/scheduling.ts";
import { decideEnd, type EndDecision } from "./task-end.ts";

interface Ending {
  outcome: Outcome;
  dispatched: InFlight;
  decision: EndDecision;
  /** Its host sent a Retry-After, or refuses the crawl. */
  isDeferred: boolean;
}

export interface OutcomeContext {
  state: SchedulerState;
  settings: SchedulerSettings;
  roundCounters: RoundCounters;
  /** Unix seconds. */
  now: number;
}

/**
 * Applies outcomes whose attempt is in flight, each once; all others change nothing.
 *
 * @returns the requested tasks: follows, messages to projects, and requests that were postponed during the run.
 */
export async function applyOutcomes(sql: Sql, outcomes: Outcome[], context: OutcomeContext): Promise<Request[]> {
  const endings = decideEndings(outcomes, context);
  if (endings.size === 0) return [];
  const ends = [...endings].map(([attempt, ending]) => toTaskEnd(attempt, ending, context.now));
  const requests: Request[] = [];
  for (const { attempt, postponed } of await endTasks(sql, ends, context.now)) {
    const ending = endings.get(attempt);
    if (!ending) continue;
    count(ending, context);
    const { project, process } = ending.outcome;
    if (process.skipped) context.roundCounters.skipped(project, process.skipped);
    const requested = requestsOf(ending.outcome, context.state.seen);
    chargeProject(ending.outcome.project, requested.unknownTasks, context);
    requests.push(...requested.requests);
    if (postponed) requests.push(postponed);
  }
  for (const [attempt, { outcome, dispatched }] of endings) {
    context.state.endInFlight(attempt, outcome.fetch.bytes);
    notePace(outcome, dispatched, context);
    noteHost(outcome, context);
  }
  await keepInfo(sql, endings, context);
  for (const { outcome, dispatched } of endings.values()) await noteSession(sql, outcome, dispatched, context.state);
  await dropServedSystemTasks(sql, endings);
  return requests;
}

function decideEndings(outcomes: Outcome[], { state, settings, now }: OutcomeContext): Map<number, Ending> {
  const endings = new Map<number, Ending>();
  for (const outcome of outcomes) {
    const dispatched = state.inFlight.get(outcome.attempt);
    if (!dispatched || endings.has(outcome.attempt)) continue;
    const delays = delaysOf(dispatched, { state, settings });
    const backoffSeconds = noteRefusal(outcome, dispatched, { state, now });
    const deferral = decideDeferral(outcome, { ...dispatched, backoffSeconds }, now);
    const decision = deferral ?? decideEnd(withFinalInfo(outcome), dispatched, { delays, now });
    endings.set(outcome.attempt, { outcome, dispatched, decision, isDeferred: deferral !== undefined });
  }
  return endings;
}

/** A class that fails when it is made, or a bad `crawlConfig`, fails again: the user is told at once. */
function withFinalInfo(outcome: Outcome): Outcome {
  const { taskid, process } = outcome;
  if (taskid !== INFO_TASKID || process.error?.code !== "E_SCRIPT") return outcome;
  return { ...outcome, process: { ...process, error: { ...process.error, retryable: false } } };
}

const UNAVAILABLE = 503;

/**
 * Notes what the page says about its host: a refusal of the crawl, or an answer.
 *
 * @returns seconds for which the host is left alone because of this page; 0: it is not.
 */
function noteRefusal({ url, fetch }: Outcome, { project, since }: InFlight, { state, now }: Pick<OutcomeContext, "state" | "now">): number {
  const isRefusal = fetch.isBlocked === true || fetch.statusCode === UNAVAILABLE;
  const limiter = isRefusal ? state.ensureLimiter(project) : state.hosts.get(project);
  const host = limiter && hostOf(fetch.redirectUrl ?? url);
  if (host === undefined || fetch.error) return 0;
  // The host itself says for how long.
  if (fetch.retryAfterSeconds !== undefined) return 0;
  if (isRefusal) return limiter?.refused(host, { isCertain: fetch.isBlocked === true, since }, now) ?? 0;
  limiter?.answered(host, since);
  return 0;
}

/** Seconds by failures so far. */
function delaysOf({ project, taskid }: InFlight, { state, settings }: Pick<OutcomeContext, "state" | "settings">): readonly number[] {
  if (taskid === INFO_TASKID) return INFO_RETRY_DELAYS_SECONDS;
  if (isLoginTask(taskid)) return LOGIN_RETRY_DELAYS_SECONDS;
  return state.projects.get(project)?.record.info?.retryDelaySeconds ?? settings.defaultRetryDelaysSeconds;
}

function toTaskEnd(attempt: number, { outcome, dispatched, decision, isDeferred }: Ending, now: number): TaskEnd {
  const { project, taskid, scriptHash } = dispatched;
  const { status, queue, exetime, retried } = decision;
  const track = { fetch: outcome.fetch, process: outcome.process, scriptHash };
  const hasStored = outcome.stored !== undefined;
  const ended: TaskEnd = { project, taskid, attempt, status, queue, exetime, retried, track, hasStored, lastcrawltime: now };
  if (isDeferred) ended.deferrals = dispatched.deferrals + 1;
  if (hasStored) ended.stored = outcome.stored;
  return ended;
}

function count({ outcome, dispatched, decision, isDeferred }: Ending, { state, settings, roundCounters, now }: OutcomeContext): void {
  roundCounters.ended(dispatched.project, dispatched.taskid, {
    ...decision,
    fetchMs: outcome.fetch.timeMs,
    processMs: outcome.process.timeMs,
  });
  const project = state.projects.get(dispatched.project);
  if (!project || isDeferred) return;
  const end = { evidence: evidenceOf(outcome, dispatched.retried), host: dispatched.host ?? hostOf(outcome.url) };
  project.pause = countEnd(project.pause, end, { failuresToPause: settings.failuresToPause, now });
}

function notePace({ process }: Outcome, { project, since }: InFlight, { state, settings, now }: OutcomeContext): void {
  const known = state.projects.get(project);
  if (known) known.window = nextWindow(known.window, { ok: process.ok, seconds: now - since }, settings.credit.tasksPerProject);
}

/** A server's Retry-After applies to all tasks of its host. */
function noteHost({ project, url, fetch }: Outcome, { state, now }: OutcomeContext): void {
  const { retryAfterSeconds, crawlDelaySeconds } = fetch;
  if (retryAfterSeconds === undefined && crawlDelaySeconds === undefined) return;
  const host = hostOf(fetch.redirectUrl ?? url);
  if (host === undefined || !state.projects.has(project)) return;
  if (retryAfterSeconds !== undefined) state.ensureLimiter(project).holdUntil(host, now + retryAfterSeconds);
  if (crawlDelaySeconds !== undefined) state.ensureLimiter(project).learnDelay(host, crawlDelaySeconds, now);
}

/** The requests of a task that may change something, and how many tasks it requests that may be new. */
function requestsOf(outcome: Outcome, seen: Pick<SeenTasks, "has">): { requests: Request[]; unknownTasks: number } {
  const { project, follows, messages } = outcome;
  const requests: Request[] = [];
  let unknownTasks = messages.length;
  for (const follow of follows) {
    const isSeen = seen.has(project, requestKey(follow)) || seen.has(project, follow.taskid);
    if (!isSeen) unknownTasks++;
    if (!isSeen || !isOnlyForNewTasks(follow.schedule ?? {})) requests.push({ ...follow, project });
  }
  return { requests: [...requests, ...messagesOf(outcome)], unknownTasks };
}

function chargeProject(project: string, tasks: number, { state, now }: Pick<OutcomeContext, "state" | "now">): void {
  const known = state.projects.get(project);
  if (known && tasks > 0) known.debt = record(known.debt, tasks, now);
}

const messagesOf = ({ project, attempt, messages }: Outcome): Request[] =>
  messages.map(({ project: receiver, message, url }, index) => ({
    ...messageTask(`${attempt}_${index}`, { project, message, url }),
    project: receiver,
  }));

async function keepInfo(sql: Sql, endings: Map<number, Ending>, { state, now }: OutcomeContext): Promise<void> {
  for (const { outcome, dispatched } of endings.values()) {
    const project = state.projects.get(dispatched.project);
    if (!outcome.info || !project || dispatched.taskid !== INFO_TASKID) continue;
    await saveInfo(sql, dispatched.project, outcome.info, dispatched.scriptHash);
    project.record.info = outcome.info;
    project.record.infoHash = dispatched.scriptHash;
    if (state.updateLimits(dispatched.project) && state.lines.has(dispatched.project)) await openAllLines(sql, dispatched.project, now);
  }
}

/** Ticks and messages are created as new tasks each time; failed ones stay as evidence. */
async function dropServedSystemTasks(sql: Sql, endings: Map<number, Ending>): Promise<void> {
  const served = [...endings.values()].filter(
    ({ dispatched, decision }) =>
      decision.event === "success" && dispatched.taskid.startsWith(SYSTEM_TASK_PREFIX) && dispatched.taskid !== INFO_TASKID,
  );
  if (served.length > 0)
    await deleteTasks(
      sql,
      served.map(({ dispatched }) => ({ project: dispatched.project, taskid: dispatched.taskid })),
    );
}
