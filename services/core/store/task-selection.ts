import { FINISHED_TASKID, START_TASKID, SYSTEM_TASK_PREFIX, TASK_QUEUE, TASK_STATUS } from "../protocol/task.ts";
import type { TaskSelection } from "../protocol/task-selection.ts";
import { ERROR_CODE } from "./track-patterns.ts";

/** Tasks that ran: they have ended, or wait for a retry or their next crawl. */
const HAS_RUN = `(tasks.status in (${TASK_STATUS.SUCCESS}, ${TASK_STATUS.FAILED})
  or (tasks.queue + 0 = ${TASK_QUEUE.waiting} and tasks.lastcrawltime is not null))`;
const IS_PAGE = `not starts_with(tasks.taskid, '${SYSTEM_TASK_PREFIX}') and tasks.taskid not in ('${START_TASKID}', '${FINISHED_TASKID}')`;

/**
 * The condition on rows of `tasks`, for a statement.
 *
 * @param at the number of the first of three parameters: the `params`.
 */
export function whereSelected({ callback, code, url }: TaskSelection, at: number): { condition: string; params: (string | null)[] } {
  return {
    condition: `${HAS_RUN} and ${IS_PAGE} and ($${at}::text is null or tasks.process->>'callback' = $${at})
      and ($${at + 1}::text is null or ${ERROR_CODE} = $${at + 1}) and ($${at + 2}::text is null or tasks.url like $${at + 2})`,
    params: [callback ?? null, code ?? null, url === undefined ? null : likeOf(url)],
  };
}

/** `"/book/*" -> "%/book/%%"`, with the characters that `like` reads escaped. */
const likeOf = (part: string) => `%${part.replace(/[\\%_]/g, "\\$&").replaceAll("*", "%")}%`;
