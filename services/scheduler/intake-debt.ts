/**
 * What a project's pages ask for is taken in at once, however much it is; but while others have something to do, a project that asks for more than
 * can be taken in beside them dispatches nothing until that much time has passed. While it is alone it may go on, and when that has become a flood, with a
 * few tasks at a time: whoever comes next would stand behind all that these have asked for.
 */

/** Tasks a second that one project may ask for on and on. No site is crawled that fast for long. */
const TASKS_PER_SECOND = 5_000;

export interface IntakeDebt {
  tasks: number;
  /** Unix seconds. */
  at: number;
}

export const NO_DEBT: IntakeDebt = { tasks: 0, at: 0 };

const owed = ({ tasks, at }: IntakeDebt, now: number) => Math.max(0, tasks - Math.max(0, now - at) * TASKS_PER_SECOND);

/** The debt after a project has asked for so many tasks that were not known. */
export const charge = (debt: IntakeDebt, tasks: number, now: number): IntakeDebt => ({ tasks: owed(debt, now) + tasks, at: now });

/** A list with thousands of links holds nothing up by itself, nor do a few beside nobody. */
const FREE_SECONDS = { beside: 1, alone: 6 };
/** Enough to keep fetcher, processor and scheduler busy with pages that ask for thousands each. */
const FLOOD_WINDOW = 4;

/** How many tasks a project may have in flight, of the `window` that its pace allows. */
export function windowInDebt(debt: IntakeDebt, { window, isAlone, now }: { window: number; isAlone: boolean; now: number }): number {
  const seconds = owed(debt, now) / TASKS_PER_SECOND;
  if (seconds <= FREE_SECONDS[isAlone ? "alone" : "beside"]) return window;
  return isAlone ? Math.min(window, FLOOD_WINDOW) : 0;
}
