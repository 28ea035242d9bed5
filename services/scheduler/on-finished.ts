import { FINISHED_TASKID, SYSTEM_TASK_PREFIX } from "../core/protocol/task.ts";

/** True if a dispatch of this task is part of the work that `onFinished` ends. Ticks, messages and `onFinished` itself are not, only the tasks they request. */
export const owesFinished = (taskid: string): boolean => taskid !== FINISHED_TASKID && !taskid.startsWith(SYSTEM_TASK_PREFIX);

/**
 * Whether `onFinished` is due: once after each burst of work, when no task of the project is ACTIVE. Tasks that wait for a retry, for their
 * `exetime` or to be crawled again are ACTIVE, as in pyspider (scheduler.py `_check_select`).
 */
export const isFinished = ({ owes, pending, isActive }: { owes: boolean; pending: number; isActive: boolean }): boolean =>
  owes && pending === 0 && isActive;
