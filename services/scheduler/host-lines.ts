/**
 * Dispatching for projects that treat hosts with care. A due task whose host has no room goes in line for it, once; when the host opens, the most
 * urgent of its line are due again, one for each place there is. So selection looks at tasks that can go, whatever stands behind one host.
 */
import {
  dropLines,
  joinLines,
  type Line,
  type LineKey,
  readFirstOpening,
  readOpenLines,
  setLineTimes,
  takeFromLines,
} from "../core/store/host-lines.ts";
import { type Allowance, type DispatchedTask, dispatchTasks, pickDue, type TaskKey } from "../core/store/scheduling.ts";
import type { Sql } from "../core/store/sql.ts";
import { type HostBook, hostOf } from "./host-book.ts";
import type { SchedulerState } from "./state.ts";

/** Due tasks looked at in a round and project once some had to go in line. */
const LOOK_AHEAD = 1_000;
/** When the next of a line is due already, or waits for another to come back, the line opens by itself after so many seconds, should that never run. */
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
  /** Projects that may have more due tasks, however few were dispatched. */
  crowded: Set<string>;
}

/** Puts in flight what the shares and the hosts allow, and in line what was looked at and cannot go. */
export async function dispatchPolitely(sql: Sql, shares: Map<string, number>, round: Round): Promise<PoliteDispatch> {
  await openLines(sql, shares, round);
  const left = new Map(shares);
  const { dispatched, crowded } = await dispatchSome(sql, toAllowances(shares), { ...round, left });
  if (crowded.size === 0) return { dispatched, crowded };
  const wanted = [...crowded].map((project) => ({ project, count: Math.max(LOOK_AHEAD, left.get(project) ?? 0) }));
  const more = await dispatchSome(sql, wanted, { ...round, left });
  return { dispatched: [...dispatched, ...more.dispatched], crowded: more.crowded };
}

const toAllowances = (shares: Map<string, number>): Allowance[] => [...shares].map(([project, count]) => ({ project, count }));

/** @param left what may still be dispatched of each project; counted down. */
async function dispatchSome(
  sql: Sql,
  allowances: Allowance[],
  { state, now, deadline, left }: Round & { left: Map<string, number> },
): Promise<PoliteDispatch> {
  const crowded = new Set<string>();
  const going: TaskKey[] = [];
  const lined: (TaskKey & Line)[] = [];
  const picked = Map.groupBy(await pickDue(sql, allowances), ({ project }) => project);
  for (const { project, count } of allowances) {
    const tasks = picked.get(project) ?? [];
    const sorted = sortOut(tasks, state.bookOf(project), { now, places: left.get(project) ?? 0 });
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

/** Which of the picked tasks go, the book updated, and which go in line; what comes after the last place is left as it is. */
export function sortOut<T extends TaskKey & { url: string }>(
  picked: T[],
  book: HostBook,
  { now, places }: { now: number; places: number },
): { going: TaskKey[]; lined: (TaskKey & Line)[] } {
  const going: TaskKey[] = [];
  const lined: (TaskKey & Line)[] = [];
  for (const { project, taskid, url } of picked) {
    if (going.length >= places) break;
    const host = hostOf(url);
    const opensAt = host === undefined ? 0 : book.opensAt(host);
    if (host !== undefined && opensAt > now) {
      lined.push({ project, taskid, host, opensAt });
      continue;
    }
    if (host !== undefined) book.begin(host, now);
    going.push({ project, taskid });
  }
  return { going, lined };
}

/** Makes due what open lines may send, of each project not much more than its share. */
async function openLines(sql: Sql, shares: Map<string, number>, { state, now }: Round): Promise<void> {
  const allowances = toAllowances(shares).filter(({ project }) => state.lines.has(project));
  if (allowances.length === 0) return;
  const open = Map.groupBy(await readOpenLines(sql, allowances, now), ({ project }) => project);
  const calls = [...open].flatMap(([project, lines]) => {
    const most = Math.ceil((shares.get(project) ?? 1) / lines.length);
    return lines.map((line) => ({ ...line, count: Math.min(most, state.bookOf(project).room(line.host, now)) }));
  });
  if (calls.length === 0) return;
  const came = Map.groupBy(await takeFromLines(sql, calls), keyOf);
  const ended = calls.filter((call) => (came.get(keyOf(call))?.length ?? 0) < call.count);
  if (ended.length > 0) await dropLines(sql, ended);
  // The next opening is told when what was called has been dispatched, or has come back.
  const opensAt = ({ project, host, count }: (typeof calls)[number]) => (count > 0 ? Infinity : state.bookOf(project).opensAt(host));
  const lines = calls.filter((call) => !ended.includes(call)).map((call) => ({ ...call, opensAt: finite(opensAt(call), now) }));
  if (lines.length > 0) await setLineTimes(sql, lines);
}

const keyOf = ({ project, host }: LineKey) => `${project} ${host}`;

/** Tells the lines of hosts whose room has changed when they open. */
export async function saveOpenings(sql: Sql, { state, now }: { state: SchedulerState; now: number }): Promise<void> {
  const lines: Line[] = [];
  for (const [project, book] of state.hosts) {
    if (state.lines.has(project)) {
      for (const host of book.touched) lines.push({ project, host, opensAt: finite(book.opensAt(host), now) });
    }
    book.touched.clear();
  }
  if (lines.length === 0) return;
  await setLineTimes(sql, lines);
  for (const { project, opensAt } of lines) {
    if (opensAt <= now) state.due.add(project);
    else state.linesOpenAt = Math.min(state.linesOpenAt, opensAt);
  }
}

const finite = (opensAt: number, now: number) => (opensAt === Infinity ? now + LATEST_OPENING : opensAt);

/** Finds the projects with lines that are open, and when the first of the others opens. */
export async function lookAtLines(sql: Sql, { state, now }: { state: SchedulerState; now: number }): Promise<void> {
  state.linesOpenAt = Infinity;
  if (state.lines.size === 0) return;
  for (const { project, opensAt } of await readFirstOpening(sql, [...state.lines])) {
    if (opensAt === null) state.lines.delete(project);
    else if (opensAt <= now) state.due.add(project);
    else state.linesOpenAt = Math.min(state.linesOpenAt, opensAt);
  }
}
