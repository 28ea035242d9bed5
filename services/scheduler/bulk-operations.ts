/** Operations on many rows: clearing a project, and running failed or selected tasks again. One step per round, so that other work is not delayed. */

import { TASK_STATUS } from "../core/protocol/task.ts";
import type { Sql } from "../core/store/sql.ts";
import { isMarkedForDeletion } from "./deletion.ts";
import type { RoundCounters } from "./round-counters.ts";
import type { SchedulerSettings } from "./settings.ts";
import type { SchedulerState } from "./state.ts";
import {
  addBulkOperation,
  type BulkOperation,
  clearSome,
  removeBulkOperation,
  resetCounters,
  restartFailed,
  restartSelected,
  type StoredSelection,
  saveBulkOperation,
} from "./store/bulk-operations.ts";
import { removeProject } from "./store/scheduler-projects.ts";

/**
 * Rows per step: about 20 ms of Postgres. Restarted tasks are written again, each to a different page, and cost more. Of a million in one table,
 * 2,000 per step took up to 1.9 s while the machine was busy, which is most of the scheduler's lease.
 */
export const STEP_ROWS = { clear: 2_000, rerun: 500 } as const;

/** Marks a project as empty: its rows are removed step by step, and none are added in the meantime. */
export async function beginClear(sql: Sql, project: string, state: SchedulerState): Promise<void> {
  state.forgetTasks(project);
  for (const bulkOperation of state.bulkOperations.filter((one) => one.project === project)) {
    state.bulkOperations.splice(state.bulkOperations.indexOf(bulkOperation), 1);
    await removeBulkOperation(sql, bulkOperation);
  }
  await resetCounters(sql, project);
  state.bulkOperations.push(await addBulkOperation(sql, project, "clear"));
  state.updateHold(project);
}

/** Restarts all tasks that are FAILED now. */
export async function beginRerun(sql: Sql, project: string, state: SchedulerState): Promise<void> {
  state.bulkOperations.push(await addBulkOperation(sql, project, "rerun"));
}

/** Restarts the tasks of the selection that have run. */
export async function beginSelect(sql: Sql, project: string, selection: StoredSelection, state: SchedulerState): Promise<void> {
  state.bulkOperations.push(await addBulkOperation(sql, project, "select", selection));
}

/** Does the next step of the oldest operation. */
export async function runBulkOperation(sql: Sql, context: StepContext): Promise<void> {
  const { state } = context;
  const bulkOperation = state.bulkOperations.shift();
  if (!bulkOperation) return;
  const rest = await doStep(sql, bulkOperation, context);
  if (rest) {
    await saveBulkOperation(sql, rest);
    state.bulkOperations.push(rest);
  } else {
    await removeBulkOperation(sql, bulkOperation);
    state.updateHold(bulkOperation.project);
  }
}

interface StepContext {
  state: SchedulerState;
  roundCounters: RoundCounters;
  now: number;
}

/** The rest; undefined when all is done. */
function doStep(sql: Sql, bulkOperation: BulkOperation, context: StepContext): Promise<BulkOperation | undefined> {
  if (bulkOperation.kind === "clear") return clearSome(sql, bulkOperation, STEP_ROWS.clear);
  return bulkOperation.kind === "select" ? selectSome(sql, bulkOperation, context) : rerunSome(sql, bulkOperation, context);
}

async function selectSome(
  sql: Sql,
  bulkOperation: BulkOperation,
  { state, roundCounters, now }: StepContext,
): Promise<BulkOperation | undefined> {
  const { project } = bulkOperation;
  const { restarted, rest } = await restartSelected(sql, bulkOperation, { limit: STEP_ROWS.rerun, now });
  for (const { taskid, status } of restarted) roundCounters.restarted(project, taskid, status);
  if (restarted.length > 0) state.cameBack(project);
  return rest;
}

async function rerunSome(
  sql: Sql,
  bulkOperation: BulkOperation,
  { state, roundCounters, now }: StepContext,
): Promise<BulkOperation | undefined> {
  const { project } = bulkOperation;
  const restarted = await restartFailed(sql, bulkOperation, { limit: STEP_ROWS.rerun, now });
  for (const taskid of restarted) roundCounters.restarted(project, taskid, TASK_STATUS.FAILED);
  if (restarted.length > 0) state.cameBack(project);
  return restarted.length === STEP_ROWS.rerun ? { ...bulkOperation, doneTo: restarted.at(-1) ?? "" } : undefined;
}

/** Deletes the projects that are marked for deletion and unchanged for long enough. */
export async function clearMarkedProjects(
  sql: Sql,
  { state, settings, now }: { state: SchedulerState; settings: SchedulerSettings; now: number },
): Promise<void> {
  for (const { record, isHeld } of [...state.projects.values()]) {
    if (isHeld || !isMarkedForDeletion(record, now - settings.deleteSeconds)) continue;
    if (!(await removeProject(sql, record.name, record.updatetime))) continue;
    state.forget(record.name);
    await beginClear(sql, record.name, state);
  }
}
