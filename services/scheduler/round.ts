/** One round of scheduling: all reads and changes of one transaction, fenced by the epoch. */
import type { FetchOrder, Outcome } from "../core/protocol/messages.ts";
import type { Sql } from "../core/store/sql.ts";
import { clearMarkedProjects, runBulkOperation } from "./bulk-operations.ts";
import { dispatch } from "./dispatch.ts";
import { LeaseLostError } from "./errors.ts";
import { markOpenLines } from "./host-queue.ts";
import { takeInbox } from "./inbox.ts";
import { type Request, takeIn } from "./intake.ts";
import { applyOutcomes } from "./outcomes.ts";
import { requestFinished, requestInfo, requestTicks } from "./requests.ts";
import { RoundCounters } from "./round-counters.ts";
import { requestLogins } from "./sessions.ts";
import type { SchedulerSettings } from "./settings.ts";
import type { SchedulerState } from "./state.ts";
import { fence } from "./store/scheduler-lease.ts";
import { addCounters, saveNotes } from "./store/scheduler-projects.ts";
import { returnInFlight, wakeWaiting } from "./store/scheduling.ts";

/** Waiting tasks made due per round: a transaction stays short even if a million become due at once. */
const WAKE_LIMIT = 2_000;
/** If a clock is set back by less, no waiting task is missed; if by more, some wait until the hourly check. */
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
  /** Handle `every` and check for overdue tasks. */
  ticks: boolean;
  /** Put due tasks in flight. */
  dispatches: boolean;
  /** Pages that may still be fetched, over all projects. */
  pagesLeft: number;
}

/**
 * Applies outcomes, adds requested tasks, and puts due tasks in flight.
 *
 * @returns the orders to put once the transaction is committed.
 * @throws LeaseLostError if another scheduler has taken over; nothing is changed then. After any error `state` is invalid.
 */
export async function runRound(sql: Sql, input: RoundInput): Promise<FetchOrder[]> {
  const { state, now, epoch } = input;
  // Sent together with the next statement, and answered before the commit.
  const isFenced = fence(sql, epoch);
  isFenced.catch(() => {});
  const roundCounters = new RoundCounters(state);
  const changed = new Set<string>();
  const requests: Request[] = [];
  if (input.readsInbox) requests.push(...(await takeInbox(sql, { state, changed, now })));
  if (input.outcomes.length > 0) requests.push(...(await applyOutcomes(sql, input.outcomes, { ...input, roundCounters })));
  requests.push(...requestInfo(state, now));
  if (input.ticks) {
    await clearMarkedProjects(sql, input);
    state.sweepHosts(now);
    requests.push(...requestTicks(state, now, changed));
    if (now >= state.overdueAt) await takeBackOverdue(sql, input);
  }
  await takeIn(sql, requests, { state, roundCounters, now });
  if (input.ticks || input.outcomes.length > 0) await takeIn(sql, await requestLogins(sql, state, now), { state, roundCounters, now });
  await takeIn(sql, requestFinished(state, changed), { state, roundCounters, now });
  await runBulkOperation(sql, { state, roundCounters, now });
  if (input.wakes) {
    await wake(sql, input);
    await markOpenLines(sql, input);
  }
  const { rows } = roundCounters;
  const [orders] = await Promise.all([
    input.dispatches ? dispatch(sql, input, changed) : [],
    rows.length > 0 && addCounters(sql, rows, now),
  ]);
  for (const { project } of rows) if (state.hasNewPause(project)) changed.add(project);
  await saveChanges(sql, state, changed);
  if (!(await isFenced)) throw new LeaseLostError(epoch);
  return orders;
}

/** Tasks dispatched an hour ago are lost; a check each minute is enough. */
async function takeBackOverdue(sql: Sql, { state, now }: RoundInput): Promise<void> {
  state.overdueAt = now + OVERDUE_SECONDS;
  for (const { attempt, project } of await returnInFlight(sql, now)) {
    state.endInFlight(attempt);
    state.cameBack(project);
  }
}

/** Starts where the last check ended: the index entries of tasks made due stay until the next vacuum. */
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
