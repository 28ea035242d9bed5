import { differenceOf } from "../core/protocol/skipped.ts";
import { type Follow, MESSAGE_TASK_PREFIX, TASK_QUEUE } from "../core/protocol/task.ts";
import { addToInbox } from "../core/store/inbox.ts";
import type { Sql } from "../core/store/sql.ts";
import { inboxParts } from "./inbox-parts.ts";
import { decideKnownTask } from "./known-task.ts";
import type { RoundCounters } from "./round-counters.ts";
import { requestKey } from "./seen-tasks.ts";
import { knowsScript, type SchedulerState } from "./state.ts";
import {
  cancelTasks,
  countPages,
  insertTasks,
  type KnownTask,
  postponeFollows,
  readKnownTasks,
  restartTasks,
  type TaskRow,
} from "./store/scheduling.ts";
import { placeTask } from "./task-place.ts";

/**
 * Tasks of one statement. While the table is nearly empty, Postgres may look up tasks in an index of their project, whose entries the statement
 * itself adds: 10,000 took 30 s, and ten times 1,000 take 1.
 */
const TASKS_PER_STEP = 1_000;

/** A follow with its project set. */
export type Request = Follow & { project: string };

interface IntakeRound {
  state: SchedulerState;
  roundCounters: RoundCounters;
  now: number;
}

/**
 * Adds requested tasks: new ones are inserted, known ones decided by `decideKnownTask`. Requests for unknown projects are dropped, and so are
 * messages to projects without `onMessage`, because they would be tasks of the receiver and run before its own.
 */
export async function takeIn(sql: Sql, requests: Request[], round: IntakeRound): Promise<void> {
  if (requests.length <= TASKS_PER_STEP) return takeInStep(sql, requests, round);
  for (let at = 0; at < requests.length; at += TASKS_PER_STEP) await takeInStep(sql, requests.slice(at, at + TASKS_PER_STEP), round);
}

async function takeInStep(sql: Sql, requests: Request[], round: IntakeRound): Promise<void> {
  const { state, roundCounters, now } = round;
  if (state.bulkOperations.length > 0) await defer(sql, requests, state);
  const { wanted, others } = firstOfEach(requests, state);
  if (wanted.size === 0) return;
  for (const [project, requested] of Map.groupBy(wanted.values(), (request) => request.project)) {
    const { taskids, skipped } = await findSurplus(sql, project, requested, state);
    for (const taskid of taskids) wanted.delete(keyOf(project, taskid));
    if (skipped > 0) roundCounters.skipped(project, { maxPages: skipped });
  }
  const rows = new Map<string, TaskRow>();
  for (const [key, request] of wanted) if (!request.schedule?.cancel) rows.set(key, toRow(request, now));
  const inserted = rows.size > 0 ? await insertTasks(sql, [...rows.values()], now) : [];
  /** What each task asks for, to count requests that ask for something else. */
  const standing = new Map<string, WantedOfTask>();
  for (const { project, taskid } of inserted) {
    const key = keyOf(project, taskid);
    roundCounters.inserted(project, taskid);
    const row = rows.get(key);
    const request = wanted.get(key);
    if (row?.queue === TASK_QUEUE.due) state.becameDue(project, row.priority);
    wanted.delete(key);
    if (request) {
      state.seen.add(project, requestKey(request));
      standing.set(key, wantedOf(request));
    }
    const runtime = state.projects.get(project);
    if (runtime?.pages !== undefined && isPage(row)) runtime.pages++;
  }
  for (const request of wanted.values()) state.seen.add(request.project, requestKey(request));
  if (wanted.size > 0) await takeInKnown(sql, wanted, { ...round, standing });
  for (const request of others) countDifference(request, standing.get(keyOf(request.project, request.taskid)), round);
}

/** New tasks beyond the project's `maxPages`. */
async function findSurplus(
  sql: Sql,
  project: string,
  requests: Request[],
  state: SchedulerState,
): Promise<{ taskids: string[]; skipped: number }> {
  const runtime = state.projects.get(project);
  const maxPages = runtime?.record.info?.maxPages;
  if (!runtime || maxPages === undefined) return { taskids: [], skipped: 0 };
  runtime.pages ??= await countPages(sql, project);
  const room = Math.max(0, maxPages - runtime.pages);
  const pages = requests.filter((request) => isPage(request) && !request.schedule?.cancel);
  if (pages.length <= room) return { taskids: [], skipped: 0 };
  const known = new Set((await readKnownTasks(sql, pages)).map(({ taskid }) => taskid));
  const surplus = pages.filter(({ taskid }) => !known.has(taskid)).slice(room);
  return { taskids: surplus.map(({ taskid }) => taskid), skipped: surplus.length };
}

const isPage = (task: { url: string } | undefined) => task !== undefined && !task.url.startsWith("data:");

/** Messages to a project that is being cleared wait in the inbox like users' requests. */
async function defer(sql: Sql, requests: Request[], state: SchedulerState): Promise<void> {
  for (const [project, follows] of Map.groupBy(requests, (request) => request.project)) {
    if (!state.projects.get(project)?.isHeld) continue;
    await addToInbox(sql, ...inboxParts(follows).map((part) => ({ kind: "follows" as const, project, follows: part })));
  }
}

async function takeInKnown(
  sql: Sql,
  wanted: Map<string, Request>,
  { state, roundCounters, now, standing }: IntakeRound & { standing: Map<string, WantedOfTask> },
): Promise<void> {
  const decided = { ignore: [], restart: [], postpone: [], cancel: [] } as Record<string, { request: Request; known: KnownTask }[]>;
  for (const known of await readKnownTasks(sql, [...wanted.values()])) {
    const key = keyOf(known.project, known.taskid);
    const request = wanted.get(key);
    if (!request) continue;
    const decision = decideKnownTask(request.schedule ?? {}, known, now);
    decided[decision]?.push({ request, known });
    standing.set(key, decision === "ignore" ? known : wantedOf(request));
    if (decision === "ignore") countDifference(request, known, { state, roundCounters });
  }
  const { restart = [], postpone = [], cancel = [] } = decided;
  if (postpone.length > 0)
    await postponeFollows(
      sql,
      postpone.map(({ request }) => request),
    );
  if (cancel.length > 0)
    await cancelTasks(
      sql,
      cancel.map(({ known }) => known),
      now,
    );
  for (const { known } of cancel) roundCounters.cancelled(known.project, known.taskid, known.status);
  const rows = restart.map(({ request }) => toRow(request, now));
  if (rows.length > 0) await restartTasks(sql, rows, now);
  for (const { known } of restart) roundCounters.restarted(known.project, known.taskid, known.status);
  for (const { project, queue, priority } of rows) if (queue === TASK_QUEUE.due) state.becameDue(project, priority);
}

const keyOf = (project: string, taskid: string) => `${project} ${taskid}`;

/** One request per task: the first, unless a later one forces an update. The `others` change nothing. */
function firstOfEach(requests: Request[], state: SchedulerState): { wanted: Map<string, Request>; others: Request[] } {
  const others: Request[] = [];
  const wanted = new Map<string, Request>();
  for (const request of requests) {
    const { project, taskid, schedule = {} } = request;
    const known = state.projects.get(project);
    if (!known || known.isHeld) continue;
    if (taskid.startsWith(MESSAGE_TASK_PREFIX) && knowsScript(known) && known.record.info?.takesMessages === false) continue;
    const key = keyOf(project, taskid);
    if (!wanted.has(key) || schedule.forceUpdate) wanted.set(key, request);
    else others.push(request);
  }
  return { wanted, others };
}

type WantedOfTask = Pick<KnownTask, "callback" | "fetchType">;

const wantedOf = ({ process, fetch }: Request): WantedOfTask => ({ callback: process.callback, fetchType: fetch?.fetchType ?? null });

/** A request that is dropped although it asks for something else than the task. */
function countDifference(
  request: Request,
  known: WantedOfTask | undefined,
  { state, roundCounters }: Pick<IntakeRound, "state" | "roundCounters">,
): void {
  const usual = state.projects.get(request.project)?.record.info?.fetchDefaults.fetchType;
  const reason = known && differenceOf(wantedOf(request), known, usual);
  if (reason) roundCounters.skipped(request.project, { [reason]: 1 });
}

function toRow({ project, taskid, url, schedule = {}, fetch = {}, process, save }: Request, now: number): TaskRow {
  // One-time options are not stored: a retry must not force or cancel anything again.
  const { forceUpdate: _, cancel: __, ...kept } = schedule;
  const place = placeTask(taskid, schedule, now);
  return { project, taskid, url, ...place, schedule: kept, fetch, process, ...(save === undefined ? {} : { save }) };
}
