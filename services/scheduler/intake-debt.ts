/**
 * What a project's pages ask for is taken in at once, however much it is; but while others have something to do, a project that asks for more than
 * can be taken in beside them dispatches nothing until that much time has passed.
 */

/** Tasks a second that one project may ask for on and on: a third of what a scheduler takes in on one core. No site is crawled that fast for long. */
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

/** More than a second's worth: a list with thousands of links holds nothing up by itself. */
export const isInDebt = (debt: IntakeDebt, now: number): boolean => owed(debt, now) > TASKS_PER_SECOND;
