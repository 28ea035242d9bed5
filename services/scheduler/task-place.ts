import { INFO_TASKID, type Schedule, TASK_QUEUE } from "../core/task.ts";

/** Scripts may ask for up to this; the platform's own come first. */
const HIGHEST_PRIORITY = 1_000_000;
const INFO_PRIORITY = 2_147_483_647;

/** Where a task stands when it is taken in. Of due tasks the highest priority goes first, then the one that became due first. */
export interface TaskPlace {
  queue: typeof TASK_QUEUE.due | typeof TASK_QUEUE.waiting;
  priority: number;
  /** Unix seconds before which it does not run; 0: at once. */
  exetime: number;
}

/**
 * The place of a new or restarted task; of one that was queued already nothing is kept.
 *
 * @param now unix seconds.
 */
export function placeTask(taskid: string, { priority = 0, exetime = 0 }: Schedule, now: number): TaskPlace {
  return {
    queue: exetime > now ? TASK_QUEUE.waiting : TASK_QUEUE.due,
    priority: taskid === INFO_TASKID ? INFO_PRIORITY : Math.trunc(Math.min(HIGHEST_PRIORITY, Math.max(-HIGHEST_PRIORITY, priority))),
    exetime,
  };
}
