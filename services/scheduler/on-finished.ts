import { FINISHED_TASKID, SYSTEM_TASK_PREFIX } from "../core/task.ts";

/** True if a dispatch of this task begins (or goes on with) what `onFinished` ends. Ticks, messages and `onFinished` itself do not, only what they ask for. */
export const owesFinished = (taskid: string): boolean => taskid !== FINISHED_TASKID && !taskid.startsWith(SYSTEM_TASK_PREFIX);

/**
 * Whether `onFinished` is due: once after each burst of work, when nothing of the project is ACTIVE any more. Tasks that wait for a retry, for
 * their `exetime` or to be crawled again are ACTIVE, as in pyspider (scheduler.py `_check_select`).
 */
export const isFinished = ({ owes, pending, isActive }: { owes: boolean; pending: number; isActive: boolean }): boolean =>
  owes && pending === 0 && isActive;
