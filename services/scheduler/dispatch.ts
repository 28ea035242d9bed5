import type { FetchOrder } from "../core/messages.ts";
import { ALL_DUE, type Allowance, type DispatchedTask, dispatchDue, dispatchInfo } from "../core/store/scheduling.ts";
import type { Sql } from "../core/store/sql.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";
import { isPaused } from "./auto-pause.ts";
import { type Demand, shareCredit } from "./credit.ts";
import { toFetchOrder } from "./fetch-order.ts";
import { dispatchPolitely, type PoliteDispatch, saveOpenings } from "./host-lines.ts";
import { windowInDebt } from "./intake-debt.ts";
import { owesFinished } from "./on-finished.ts";
import type { SchedulerSettings } from "./settings.ts";
import { isActive, knowsScript, type ProjectState, type SchedulerState } from "./state.ts";
import { allowance, fill } from "./token-bucket.ts";

interface DispatchContext {
  state: SchedulerState;
  settings: SchedulerSettings;
  /** Unix seconds. */
  now: number;
}

/** Puts in flight what priority, tokens and credit allow; the orders go to the queue once this is committed. */
export async function dispatch(sql: Sql, context: DispatchContext, changed: Set<string>): Promise<FetchOrder[]> {
  const { state, now } = context;
  const deadline = now + TIME_LIMITS.inFlightMs / 1000;
  if (state.hosts.size > 0) await saveOpenings(sql, context);
  const gated = [...state.due].filter((name) => isGated(state.projects.get(name)));
  const tasks = gated.length > 0 ? await dispatchInfo(sql, gated, deadline) : [];
  const shares = shareCredit(demands(context), { tasks: state.inFlight.size, bytes: state.inFlightBytes }, context.settings.credit);
  if (shares.size > 0) {
    const { dispatched, crowded } = await dispatchShares(sql, shares, { state, now, deadline });
    account(dispatched, { shares, crowded }, context, changed);
    tasks.push(...dispatched);
  }
  return tasks.flatMap((task) => {
    state.beginInFlight(task, now);
    const project = state.projects.get(task.project);
    return project ? [toFetchOrder(task, project.record)] : [];
  });
}

/** Most projects treat all hosts alike: theirs is one statement. */
async function dispatchShares(
  sql: Sql,
  shares: Map<string, number>,
  round: { state: SchedulerState; now: number; deadline: number },
): Promise<PoliteDispatch> {
  const { state } = round;
  const [polite, plain] = [new Map<string, number>(), [] as Allowance[]];
  for (const [project, count] of shares) {
    if (state.hosts.has(project) || state.lines.has(project)) polite.set(project, count);
    else plain.push({ project, count });
  }
  const dispatched = plain.length > 0 ? await dispatchFromFronts(sql, plain, round) : [];
  // What stands in line comes back at its old place.
  for (const project of polite.keys()) state.projects.get(project)?.front.restart();
  if (polite.size === 0) return { dispatched, crowded: new Set() };
  const careful = await dispatchPolitely(sql, polite, round);
  return { dispatched: [...dispatched, ...careful.dispatched], crowded: careful.crowded };
}

async function dispatchFromFronts(
  sql: Sql,
  allowances: Allowance[],
  { state, deadline }: { state: SchedulerState; deadline: number },
): Promise<DispatchedTask[]> {
  const frontOf = (project: string) => state.projects.get(project)?.front;
  const placed = allowances.map(({ project, count }) => ({ project, count, ...(frontOf(project)?.range ?? ALL_DUE) }));
  const dispatched = await dispatchDue(sql, placed, deadline);
  const taken = Map.groupBy(dispatched, ({ project }) => project);
  for (const { project, count } of allowances) {
    const tasks = taken.get(project) ?? [];
    frontOf(project)?.took(tasks, tasks.length < count);
  }
  return dispatched;
}

const isGated = (project: ProjectState | undefined) => project !== undefined && isActive(project) && !knowsScript(project);

/** What each project with due tasks may dispatch now; its bucket is filled up to `now`. */
export function demands({ state, settings, now }: DispatchContext): Demand[] {
  const isAlone = state.due.size === 1;
  return [...state.due].flatMap((name) => {
    const project = state.projects.get(name);
    if (!project || !isActive(project) || !knowsScript(project) || isPaused(project.pause, now)) return [];
    project.bucket = fill(project.bucket, project.record, now);
    const tokens = Math.min(allowance(project.bucket, project.record), settings.pageBudget?.left ?? Infinity);
    const window = windowInDebt(project.debt, { window: project.window, isAlone, now });
    return [{ project: name, tokens, inFlight: project.inFlight, window, pageBytes: project.pageBytes }];
  });
}

function account(
  dispatched: DispatchedTask[],
  { shares, crowded }: { shares: Map<string, number>; crowded: Set<string> },
  { state, settings }: DispatchContext,
  changed: Set<string>,
): void {
  const counts = new Map<string, number>();
  for (const { project, taskid, url } of dispatched) {
    counts.set(project, (counts.get(project) ?? 0) + 1);
    if (settings.pageBudget && !url.startsWith("data:")) settings.pageBudget.left--;
    if (owesFinished(taskid)) noteFinished(state.projects.get(project), changed);
  }
  for (const [name, share] of shares) {
    const count = counts.get(name) ?? 0;
    const project = state.projects.get(name);
    if (project?.bucket) project.bucket.tokens -= count;
    if (count < share && !crowded.has(name)) state.due.delete(name);
  }
}

function noteFinished(project: ProjectState | undefined, changed: Set<string>): void {
  if (!project?.record.info?.hasOnFinished || project.record.owesFinished) return;
  project.record.owesFinished = true;
  changed.add(project.record.name);
}
