/** One round of scheduling: everything that one transaction, fenced by the epoch, reads and changes. */
import type { FetchOrder, Outcome } from "../core/messages.ts";
import { fence } from "../core/store/scheduler-lease.ts";
import { addCounters, saveNotes } from "../core/store/scheduler-projects.ts";
import { returnInFlight, wakeWaiting } from "../core/store/scheduling.ts";
import type { Sql } from "../core/store/sql.ts";
import { clearMarkedProjects, doChore } from "./chores.ts";
import { dispatch } from "./dispatch.ts";
import { LeaseLostError } from "./errors.ts";
import { lookAtLines } from "./host-lines.ts";
import { takeInbox } from "./inbox.ts";
import { type Request, takeIn } from "./intake.ts";
import { applyOutcomes } from "./outcomes.ts";
import { finishedRequests, infoRequests, tickRequests } from "./requests.ts";
import type { SchedulerSettings } from "./settings.ts";
import type { SchedulerState } from "./state.ts";
import { Tally } from "./tally.ts";

/** Waiting tasks woken a round: a transaction stays short even when a million come due at once. */
const WAKE_LIMIT = 2_000;
/** A clock that is put back by less loses no waiting task; one that is put back by more keeps some waiting until the hourly look. */
const CLOCK_SECONDS = 60;
const OVERDUE_SECONDS = 60;

export interface RoundInput {
  epoch: number;
  state: SchedulerState;
  settings: SchedulerSettings;
  outcomes: Outcome[];
  /** Unix seconds. */
  now: number;
  readsInbox: boolean;
  wakes: boolean;
  /** Serve `every` and look for what is overdue. */
  ticks: boolean;
  /** Put in flight what is due. */
  dispatches: boolean;
}

/**
 * Applies what came, takes in what is asked for, and puts in flight what is due.
 *
 * @returns the orders to put once the transaction is committed.
 * @throws LeaseLostError if another scheduler has taken over; nothing is changed then. After any error `state` is void.
 */
export async function runRound(sql: Sql, input: RoundInput): Promise<FetchOrder[]> {
  const { state, now, epoch } = input;
  // Asked along with the first statement after it, and answered before anything is committed.
  const isFenced = fence(sql, epoch);
  isFenced.catch(() => {});
  const tally = new Tally(state);
  const changed = new Set<string>();
  const requests: Request[] = [];
  if (input.readsInbox) requests.push(...(await takeInbox(sql, { state, changed })));
  if (input.outcomes.length > 0) requests.push(...(await applyOutcomes(sql, input.outcomes, { ...input, tally })));
  requests.push(...infoRequests(state, now));
  if (input.ticks) {
    await clearMarkedProjects(sql, input);
    state.sweepHosts(now);
    requests.push(...tickRequests(state, now, changed));
    if (now >= state.overdueAt) await takeBackOverdue(sql, input);
  }
  await takeIn(sql, requests, { state, tally, now });
  await takeIn(sql, finishedRequests(state, changed), { state, tally, now });
  await doChore(sql, { state, tally, now });
  if (input.wakes) {
    await wake(sql, input);
    await lookAtLines(sql, input);
  }
  const { rows } = tally;
  const [orders] = await Promise.all([
    input.dispatches ? dispatch(sql, input, changed) : [],
    rows.length > 0 && addCounters(sql, rows, now),
  ]);
  for (const { project } of rows) if (state.hasNewPause(project)) changed.add(project);
  await saveChanges(sql, state, changed);
  if (!(await isFenced)) throw new LeaseLostError(epoch);
  return orders;
}

/** What was handed out an hour ago is lost; a look each minute is soon enough. */
async function takeBackOverdue(sql: Sql, { state, now }: RoundInput): Promise<void> {
  state.overdueAt = now + OVERDUE_SECONDS;
  for (const { attempt, project } of await returnInFlight(sql, now)) {
    state.endInFlight(attempt);
    state.cameBack(project);
  }
}

/** Begins where the last look ended: the places of tasks that were woken stay in the index until vacuum has been there. */
async function wake(sql: Sql, { state, now }: RoundInput): Promise<void> {
  const woken = await wakeWaiting(sql, { after: state.wokenTo, now }, WAKE_LIMIT);
  for (const { project, priority } of woken) state.becameDue(project, priority);
  const count = woken.reduce((sum, one) => sum + one.count, 0);
  if (count < WAKE_LIMIT) state.wokenTo = Math.max(0, now - CLOCK_SECONDS);
}

async function saveChanges(sql: Sql, state: SchedulerState, changed: Set<string>): Promise<void> {
  const notes = [...changed].flatMap((name) => {
    const project = state.projects.get(name);
    if (!project) return [];
    project.record.pausedUntil = project.pause.pausedUntil;
    const { lastTick, owesFinished, pausedUntil } = project.record;
    return [{ name, lastTick, owesFinished, pausedUntil }];
  });
  if (notes.length > 0) await saveNotes(sql, notes);
}
