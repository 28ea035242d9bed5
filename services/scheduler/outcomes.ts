import { messageTask } from "../core/message-task.ts";
import type { Outcome } from "../core/messages.ts";
import { openAllLines } from "../core/store/host-lines.ts";
import { saveInfo } from "../core/store/scheduler-projects.ts";
import { deleteTasks, endTasks, type TaskEnd } from "../core/store/scheduling.ts";
import type { Sql } from "../core/store/sql.ts";
import { INFO_TASKID, SYSTEM_TASK_PREFIX } from "../core/task.ts";
import { countEnd, isNeutral } from "./auto-pause.ts";
import { decideHoldBack } from "./hold-back.ts";
import { hostOf } from "./host-book.ts";
import type { Request } from "./intake.ts";
import { charge } from "./intake-debt.ts";
import { isOnlyForNewTasks } from "./known-task.ts";
import { INFO_RETRY_DELAYS_SECONDS } from "./retry-delay.ts";
import type { SchedulerSettings } from "./settings.ts";
import type { InFlight, SchedulerState } from "./state.ts";
import type { Tally } from "./tally.ts";
import { decideEnd, type EndDecision } from "./task-end.ts";
import { nextWindow } from "./window.ts";

interface Ending {
  outcome: Outcome;
  dispatched: InFlight;
  decision: EndDecision;
  /** Its host asked to come back later. */
  isHeldBack: boolean;
}

export interface OutcomeContext {
  state: SchedulerState;
  settings: SchedulerSettings;
  tally: Tally;
  /** Unix seconds. */
  now: number;
}

/**
 * Applies outcomes whose attempt is in flight, each once; all others change nothing.
 *
 * @returns the tasks that they ask for: follows, messages to projects, and what was postponed while they ran.
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
    requests.push(...requestsOf(ending.outcome, context));
    if (postponed) requests.push(postponed);
  }
  for (const [attempt, { outcome, dispatched }] of endings) {
    context.state.endInFlight(attempt, outcome.fetch.bytes);
    notePace(outcome, dispatched, context);
    noteHost(outcome, context);
  }
  await keepInfo(sql, endings, context);
  await dropServedSystemTasks(sql, endings);
  return requests;
}

function decideEndings(outcomes: Outcome[], { state, settings, now }: OutcomeContext): Map<number, Ending> {
  const endings = new Map<number, Ending>();
  for (const outcome of outcomes) {
    const dispatched = state.inFlight.get(outcome.attempt);
    if (!dispatched || endings.has(outcome.attempt)) continue;
    const delays = delaysOf(dispatched, { state, settings });
    const heldBack = decideHoldBack(outcome, dispatched, now);
    const decision = heldBack ?? decideEnd(outcome, dispatched, { delays, now });
    endings.set(outcome.attempt, { outcome, dispatched, decision, isHeldBack: heldBack !== undefined });
  }
  return endings;
}

/** Seconds by failures so far. */
function delaysOf({ project, taskid }: InFlight, { state, settings }: Pick<OutcomeContext, "state" | "settings">): readonly number[] {
  if (taskid === INFO_TASKID) return INFO_RETRY_DELAYS_SECONDS;
  return state.projects.get(project)?.record.info?.retryDelaySeconds ?? settings.defaultRetryDelaysSeconds;
}

function toTaskEnd(attempt: number, { outcome, dispatched, decision, isHeldBack }: Ending, now: number): TaskEnd {
  const { project, taskid, scriptHash } = dispatched;
  const { status, queue, exetime, retried } = decision;
  const track = { fetch: outcome.fetch, process: outcome.process, scriptHash };
  const hasStored = outcome.stored !== undefined;
  const ended: TaskEnd = { project, taskid, attempt, status, queue, exetime, retried, track, hasStored, lastcrawltime: now };
  if (isHeldBack) ended.heldBack = dispatched.heldBack + 1;
  if (hasStored) ended.stored = outcome.stored;
  return ended;
}

function count({ outcome, dispatched, decision, isHeldBack }: Ending, { state, settings, tally, now }: OutcomeContext): void {
  tally.ended(dispatched.project, dispatched.taskid, { ...decision, fetchMs: outcome.fetch.timeMs, processMs: outcome.process.timeMs });
  const project = state.projects.get(dispatched.project);
  if (!project || isHeldBack || isNeutral(outcome, dispatched.retried)) return;
  project.pause = countEnd(project.pause, outcome.process.ok, { failuresToPause: settings.failuresToPause, now });
}

function notePace({ process }: Outcome, { project, since }: InFlight, { state, settings, now }: OutcomeContext): void {
  const known = state.projects.get(project);
  if (known) known.window = nextWindow(known.window, { ok: process.ok, seconds: now - since }, settings.credit.tasksPerProject);
}

/** What the server that answered asks for holds for all tasks that go to it. */
function noteHost({ project, url, fetch }: Outcome, { state, now }: OutcomeContext): void {
  const { retryAfterSeconds, crawlDelaySeconds } = fetch;
  if (retryAfterSeconds === undefined && crawlDelaySeconds === undefined) return;
  const host = hostOf(fetch.redirectUrl ?? url);
  if (host === undefined || !state.projects.has(project)) return;
  if (retryAfterSeconds !== undefined) state.bookOf(project).holdUntil(host, now + retryAfterSeconds);
  if (crawlDelaySeconds !== undefined) state.bookOf(project).learnDelay(host, crawlDelaySeconds, now);
}

/** What a task asks for, as far as it may change something; what is not known yet is its project's debt. */
function requestsOf(outcome: Outcome, { state, now }: OutcomeContext): Request[] {
  const { project, follows, messages } = outcome;
  const requests: Request[] = [];
  let tasks = messages.length;
  for (const follow of follows) {
    const isSeen = state.seen.has(project, follow.taskid);
    if (!isSeen) tasks++;
    if (!isSeen || !isOnlyForNewTasks(follow.schedule ?? {})) requests.push({ ...follow, project });
  }
  const known = state.projects.get(project);
  if (known && tasks > 0) known.debt = charge(known.debt, tasks, now);
  return [...requests, ...messagesOf(outcome)];
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

/** Ticks and messages are made anew each time; what failed stays as evidence. */
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
