/** What touches many rows: clearing a project, and running all its failed tasks again. A step a round, so that nothing else waits for it. */
import { addChore, type Chore, clearSome, removeChore, resetCounters, restartFailed, saveChore } from "../core/store/chores.ts";
import { removeProject } from "../core/store/scheduler-projects.ts";
import type { Sql } from "../core/store/sql.ts";
import { TASK_STATUS } from "../core/task.ts";
import { isMarkedForDeletion } from "./deletion.ts";
import type { SchedulerSettings } from "./settings.ts";
import type { SchedulerState } from "./state.ts";
import type { Tally } from "./tally.ts";

/**
 * Rows a step: some 20 ms of Postgres. Restarted tasks are written anew, each to a page of its own, and cost the more; of a million in one table 2,000 a
 * step took up to 1.9 s while the machine was busy, which is most of the scheduler's lease.
 */
export const STEP_ROWS = { clear: 2_000, rerun: 500 } as const;

/** From now on a project has nothing: what it had is removed step by step, and nothing is added meanwhile. */
export async function beginClear(sql: Sql, project: string, state: SchedulerState): Promise<void> {
  state.forgetTasks(project);
  for (const chore of state.chores.filter((one) => one.project === project)) {
    state.chores.splice(state.chores.indexOf(chore), 1);
    await removeChore(sql, chore);
  }
  await resetCounters(sql, project);
  state.chores.push(await addChore(sql, project, "clear"));
  state.updateHold(project);
}

/** All tasks that have FAILED by now are run again. */
export async function beginRerun(sql: Sql, project: string, state: SchedulerState): Promise<void> {
  state.chores.push(await addChore(sql, project, "rerun"));
}

/** Does the next step of the chore whose turn it is. */
export async function doChore(sql: Sql, context: { state: SchedulerState; tally: Tally; now: number }): Promise<void> {
  const { state } = context;
  const chore = state.chores.shift();
  if (!chore) return;
  const rest = chore.kind === "clear" ? await clearSome(sql, chore, STEP_ROWS.clear) : await rerunSome(sql, chore, context);
  if (rest) {
    await saveChore(sql, rest);
    state.chores.push(rest);
  } else {
    await removeChore(sql, chore);
    state.updateHold(chore.project);
  }
}

async function rerunSome(
  sql: Sql,
  chore: Chore,
  { state, tally, now }: { state: SchedulerState; tally: Tally; now: number },
): Promise<Chore | undefined> {
  const { project } = chore;
  const restarted = await restartFailed(sql, chore, { limit: STEP_ROWS.rerun, now });
  for (const taskid of restarted) tally.restarted(project, taskid, TASK_STATUS.FAILED);
  if (restarted.length > 0) state.cameBack(project);
  return restarted.length === STEP_ROWS.rerun ? { ...chore, doneTo: restarted.at(-1) ?? "" } : undefined;
}

/** Deletes the projects that were marked for it and have been left alone for long enough. */
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
