/**
 * All tasks that a project's pages request are added immediately. But while other projects have work, a project that requests tasks faster than
 * its share dispatches nothing until that much time has passed. While it is alone it may continue, and after a flood with only a few tasks at a time:
 * otherwise a new project would wait behind everything that these tasks request.
 */

/** Tasks per second that one project may request permanently. No site is crawled that fast for long. */
const TASKS_PER_SECOND = 5_000;

export interface IntakeDebt {
  tasks: number;
  /** Unix seconds. */
  at: number;
}

export const NO_DEBT: IntakeDebt = { tasks: 0, at: 0 };

const owed = ({ tasks, at }: IntakeDebt, now: number) => Math.max(0, tasks - Math.max(0, now - at) * TASKS_PER_SECOND);

/** The debt after a project has requested this many unknown tasks. */
export const record = (debt: IntakeDebt, tasks: number, now: number): IntakeDebt => ({ tasks: owed(debt, now) + tasks, at: now });

/** A list with thousands of links alone delays nothing, and neither does a small debt while no other project has work. */
const FREE_SECONDS = { beside: 1, alone: 6 };
/** Enough to keep fetcher, processor and scheduler busy with pages that request thousands of tasks each. */
const FLOOD_WINDOW = 4;

/** How many tasks a project may have in flight, from the `window` that its pace allows. */
export function windowInDebt(debt: IntakeDebt, { window, isAlone, now }: { window: number; isAlone: boolean; now: number }): number {
  const seconds = owed(debt, now) / TASKS_PER_SECOND;
  if (seconds <= FREE_SECONDS[isAlone ? "alone" : "beside"]) return window;
  return isAlone ? Math.min(window, FLOOD_WINDOW) : 0;
}
