/**
 * Dispatching for projects with per-host limits. A due task whose host has no free slot moves once to the host's queue. When the host opens, the
 * most urgent tasks of its queue become due again, one per free slot. So selection reads only tasks that can be sent, however many wait for one host.
 */

import type { Sql } from "../core/store/sql.ts";
import { type HostLimiter, hostOf } from "./host-limiter.ts";
import type { SchedulerState } from "./state.ts";
import {
  dropLines,
  joinLines,
  type Line,
  type LineKey,
  readFirstOpening,
  readOpenLines,
  setLineTimes,
  takeFromLines,
} from "./store/host-queue.ts";
import { type DispatchedTask, type DispatchLimit, dispatchTasks, pickDue, type TaskKey } from "./store/scheduling.ts";

/** Due tasks read per round and project, once some had to move to host queues. */
const LOOK_AHEAD = 1_000;
/** If the next task of a queue is due already, or waits for another to come back, the queue opens after this many seconds in case that never happens. */
const LATEST_OPENING = 300;

interface Round {
  state: SchedulerState;
  /** Unix seconds. */
  now: number;
  /** Unix seconds after which a dispatched task counts as lost. */
  deadline: number;
}

export interface PoliteDispatch {
  dispatched: DispatchedTask[];
  /** Projects that may have more due tasks, even if few were dispatched. */
  crowded: Set<string>;
}

/** Puts tasks in flight within shares and host limits, and moves the other tasks that were read to their host queues. */
export async function dispatchPolitely(sql: Sql, shares: Map<string, number>, round: Round): Promise<PoliteDispatch> {
  await openLines(sql, shares, round);
  const left = new Map(shares);
  const { dispatched, crowded } = await dispatchSome(sql, toDispatchLimits(shares), { ...round, left });
  if (crowded.size === 0) return { dispatched, crowded };
  const wanted = [...crowded].map((project) => ({ project, count: Math.max(LOOK_AHEAD, left.get(project) ?? 0) }));
  const more = await dispatchSome(sql, wanted, { ...round, left });
  return { dispatched: [...dispatched, ...more.dispatched], crowded: more.crowded };
}

const toDispatchLimits = (shares: Map<string, number>): DispatchLimit[] => [...shares].map(([project, count]) => ({ project, count }));

/** @param left how many tasks each project may still dispatch; counted down. */
async function dispatchSome(
  sql: Sql,
  dispatchLimits: DispatchLimit[],
  { state, now, deadline, left }: Round & { left: Map<string, number> },
): Promise<PoliteDispatch> {
  const crowded = new Set<string>();
  const going: TaskKey[] = [];
  const lined: (TaskKey & Line)[] = [];
  const picked = Map.groupBy(await pickDue(sql, dispatchLimits), ({ project }) => project);
  for (const { project, count } of dispatchLimits) {
    const tasks = picked.get(project) ?? [];
    const limiter = state.ensureLimiter(project);
    const sorted = partitionByHost(tasks, limiter, { now, places: left.get(project) ?? 0 });
    for (const { host } of sorted.going) if (host !== undefined) limiter.acquire(host, now);
    left.set(project, (left.get(project) ?? 0) - sorted.going.length);
    going.push(...sorted.going);
    lined.push(...sorted.lined.map((task) => ({ ...task, opensAt: finite(task.opensAt, now) })));
    if (sorted.lined.length > 0) state.lines.add(project);
    if (sorted.lined.length > 0 && tasks.length === count) crowded.add(project);
  }
  if (lined.length > 0) await joinLines(sql, lined);
  for (const { opensAt } of lined) state.linesOpenAt = Math.min(state.linesOpenAt, opensAt);
  const dispatched = going.length > 0 ? await dispatchTasks(sql, going, deadline) : [];
  await saveOpenings(sql, { state, now });
  return { dispatched, crowded };
}

/** A task to dispatch, and its host if it has one. */
type GoingTask = TaskKey & { host: string | undefined };

/** Splits the selected tasks into those to dispatch and those for host queues. Tasks after the last free slot are in neither. */
export function partitionByHost<T extends TaskKey & { url: string }>(
  picked: T[],
  limiter: Pick<HostLimiter, "opensAfter">,
  { now, places }: { now: number; places: number },
): { going: GoingTask[]; lined: (TaskKey & Line)[] } {
  const going: GoingTask[] = [];
  const lined: (TaskKey & Line)[] = [];
  const begun = new Map<string | undefined, number>();
  for (const { project, taskid, url } of picked) {
    if (going.length >= places) break;
    const host = hostOf(url);
    const before = begun.get(host) ?? 0;
    const opensAt = host === undefined ? 0 : limiter.opensAfter(host, before, now);
    if (host !== undefined && opensAt > now) {
      lined.push({ project, taskid, host, opensAt });
      continue;
    }
    begun.set(host, before + 1);
    going.push({ project, taskid, host });
  }
  return { going, lined };
}

/** Makes tasks of open host queues due, for each project not much more than its share. */
async function openLines(sql: Sql, shares: Map<string, number>, { state, now }: Round): Promise<void> {
  const dispatchLimits = toDispatchLimits(shares).filter(({ project }) => state.lines.has(project));
  if (dispatchLimits.length === 0) return;
  const open = Map.groupBy(await readOpenLines(sql, dispatchLimits, now), ({ project }) => project);
  const calls = [...open].flatMap(([project, lines]) => {
    const most = Math.ceil((shares.get(project) ?? 1) / lines.length);
    return lines.map((line) => ({ ...line, count: Math.min(most, state.ensureLimiter(project).room(line.host, now)) }));
  });
  if (calls.length === 0) return;
  const came = Map.groupBy(await takeFromLines(sql, calls), keyOf);
  const ended = calls.filter((call) => (came.get(keyOf(call))?.length ?? 0) < call.count);
  if (ended.length > 0) await dropLines(sql, ended);
  // The next opening is set after these tasks were dispatched or came back.
  const opensAt = ({ project, host, count }: (typeof calls)[number]) => (count > 0 ? Infinity : state.ensureLimiter(project).opensAt(host));
  const lines = calls.filter((call) => !ended.includes(call)).map((call) => ({ ...call, opensAt: finite(opensAt(call), now) }));
  if (lines.length > 0) await setLineTimes(sql, lines);
}

const keyOf = ({ project, host }: LineKey) => `${project} ${host}`;

/** Updates the opening times of hosts whose free slots have changed. */
export async function saveOpenings(sql: Sql, { state, now }: { state: SchedulerState; now: number }): Promise<void> {
  const lines: Line[] = [];
  for (const [project, limiter] of state.hosts) {
    if (state.lines.has(project)) {
      for (const host of limiter.touched) lines.push({ project, host, opensAt: finite(limiter.opensAt(host), now) });
    }
    limiter.touched.clear();
  }
  if (lines.length === 0) return;
  await setLineTimes(sql, lines);
  for (const { project, opensAt } of lines) {
    if (opensAt <= now) state.due.add(project);
    else state.linesOpenAt = Math.min(state.linesOpenAt, opensAt);
  }
}

const finite = (opensAt: number, now: number) => (opensAt === Infinity ? now + LATEST_OPENING : opensAt);

/** Marks projects with open host queues as due, and finds when the first of the others opens. */
export async function markOpenLines(sql: Sql, { state, now }: { state: SchedulerState; now: number }): Promise<void> {
  state.linesOpenAt = Infinity;
  if (state.lines.size === 0) return;
  for (const { project, opensAt } of await readFirstOpening(sql, [...state.lines])) {
    if (opensAt === null) state.lines.delete(project);
    else if (opensAt <= now) state.due.add(project);
    else state.linesOpenAt = Math.min(state.linesOpenAt, opensAt);
  }
}
