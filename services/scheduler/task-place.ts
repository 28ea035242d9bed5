import { INFO_TASKID, type Schedule, TASK_QUEUE, type TaskQueue } from "../core/protocol/task.ts";

/** The maximum for scripts; the platform's own tasks come first. */
const HIGHEST_PRIORITY = 1_000_000;
const INFO_PRIORITY = 2_147_483_647;

/** The queue and order of an added task. Of due tasks the highest priority goes first, then the one that became due first. */
export interface TaskPlace {
  queue: TaskQueue<"due" | "waiting">;
  priority: number;
  /** Unix seconds before which it does not run; 0: immediately. */
  exetime: number;
}

/**
 * The place of a new or restarted task; an earlier place is discarded.
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
