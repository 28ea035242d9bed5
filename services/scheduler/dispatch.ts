import type { FetchOrder } from "../core/protocol/messages.ts";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import type { Sql } from "../core/store/sql.ts";
import { isPaused } from "./auto-pause.ts";
import { toFetchOrder } from "./fetch-order.ts";
import { dispatchPolitely, type PoliteDispatch, saveOpenings } from "./host-queue.ts";
import { owesFinished } from "./on-finished.ts";
import { needsLogin } from "./sessions.ts";
import { currentShares, type ShareContext } from "./shares.ts";
import { isActive, knowsScript, type ProjectRuntime, type SchedulerState } from "./state.ts";
import { readKeptPages, returnDispatched } from "./store/kept-pages.ts";
import { dispatchLogins } from "./store/logins.ts";
import { ALL_DUE, type DispatchedTask, type DispatchLimit, dispatchDue, dispatchInfo, type TaskKey } from "./store/scheduling.ts";
import { fill } from "./token-bucket.ts";

/** Puts tasks in flight within priority, tokens and credit; the orders go to the queue after the commit. */
export async function dispatch(sql: Sql, context: ShareContext, changed: Set<string>): Promise<FetchOrder[]> {
  const { state, now } = context;
  const deadline = now + TIME_LIMITS.inFlightMs / 1000;
  if (state.hosts.size > 0) await saveOpenings(sql, context);
  const gated = [...state.due].filter((name) => isGated(state.projects.get(name)));
  const tasks = gated.length > 0 ? await dispatchInfo(sql, gated, deadline) : [];
  const loggingIn = [...state.due].filter((name) => isLoggingIn(state.projects.get(name), now));
  if (loggingIn.length > 0) tasks.push(...(await dispatchLogins(sql, loggingIn, deadline)));
  fillBuckets(state, now);
  const shares = currentShares(context);
  if (shares.size > 0) {
    const { dispatched, crowded } = await dispatchShares(sql, shares, { state, now, deadline });
    account(dispatched, { shares, crowded }, state, changed);
    tasks.push(...dispatched);
  }
  const { pageOf, isLate } = await takeKeptPages(sql, tasks);
  return tasks.flatMap((task) => {
    state.beginInFlight(task, now);
    if (isLate(task)) {
      state.endInFlight(task.attempt);
      state.cameBack(task.project);
      return [];
    }
    const project = state.projects.get(task.project);
    return project ? [toFetchOrder(task, project.record, pageOf(task))] : [];
  });
}

/** The kept pages of tasks that run from theirs. Tasks whose page does not fit into this round are late: they are due again. */
async function takeKeptPages(sql: Sql, tasks: readonly DispatchedTask[]) {
  const wanted = tasks.filter(({ usesKeptPage }) => usesKeptPage);
  const rows = wanted.length > 0 ? await readKeptPages(sql, wanted) : [];
  const pages = new Map(rows.map((row) => [keyOf(row), row.page]));
  const isLate = (task: TaskKey) => pages.get(keyOf(task)) === null;
  const late = wanted.filter(isLate);
  if (late.length > 0) await returnDispatched(sql, late);
  return { isLate, pageOf: (task: TaskKey) => pages.get(keyOf(task)) ?? undefined };
}

const keyOf = ({ project, taskid }: TaskKey) => `${project} ${taskid}`;

/** Most projects have no host limits and need one statement. */
async function dispatchShares(
  sql: Sql,
  shares: Map<string, number>,
  round: { state: SchedulerState; now: number; deadline: number },
): Promise<PoliteDispatch> {
  const { state } = round;
  const [polite, plain] = [new Map<string, number>(), [] as DispatchLimit[]];
  for (const [project, count] of shares) {
    if (state.hosts.has(project) || state.lines.has(project)) polite.set(project, count);
    else plain.push({ project, count });
  }
  const dispatched = plain.length > 0 ? await dispatchFromCursors(sql, plain, round) : [];
  // Tasks that waited for their host return to their old place.
  for (const project of polite.keys()) state.projects.get(project)?.dueCursor.restart();
  if (polite.size === 0) return { dispatched, crowded: new Set() };
  const careful = await dispatchPolitely(sql, polite, round);
  return { dispatched: [...dispatched, ...careful.dispatched], crowded: careful.crowded };
}

async function dispatchFromCursors(
  sql: Sql,
  dispatchLimits: DispatchLimit[],
  { state, deadline }: { state: SchedulerState; deadline: number },
): Promise<DispatchedTask[]> {
  const cursorOf = (project: string) => state.projects.get(project)?.dueCursor;
  const placed = dispatchLimits.map(({ project, count }) => ({ project, count, ...(cursorOf(project)?.range ?? ALL_DUE) }));
  const dispatched = await dispatchDue(sql, placed, deadline);
  const taken = Map.groupBy(dispatched, ({ project }) => project);
  for (const { project, count } of dispatchLimits) {
    const tasks = taken.get(project) ?? [];
    cursorOf(project)?.took(tasks, tasks.length < count);
  }
  return dispatched;
}

const isGated = (project: ProjectRuntime | undefined) => project !== undefined && isActive(project) && !knowsScript(project);

const isLoggingIn = (project: ProjectRuntime | undefined, now: number) =>
  project !== undefined && needsLogin(project) && !isPaused(project.pause, now);

/** Also keeps the buckets' times up to date: after a clock was set back, they fill from the new time. */
function fillBuckets(state: SchedulerState, now: number): void {
  for (const name of state.due) {
    const project = state.projects.get(name);
    if (project) project.bucket = fill(project.bucket, project.record, now);
  }
}

function account(
  dispatched: DispatchedTask[],
  { shares, crowded }: { shares: Map<string, number>; crowded: Set<string> },
  state: SchedulerState,
  changed: Set<string>,
): void {
  const counts = new Map<string, number>();
  for (const { project, taskid } of dispatched) {
    counts.set(project, (counts.get(project) ?? 0) + 1);
    if (owesFinished(taskid)) noteFinished(state.projects.get(project), changed);
  }
  for (const [name, share] of shares) {
    const count = counts.get(name) ?? 0;
    const project = state.projects.get(name);
    if (project?.bucket) project.bucket.tokens -= count;
    if (count < share && !crowded.has(name)) state.due.delete(name);
  }
}

function noteFinished(project: ProjectRuntime | undefined, changed: Set<string>): void {
  if (!project?.record.info?.hasOnFinished || project.record.owesFinished) return;
  project.record.owesFinished = true;
  changed.add(project.record.name);
}
