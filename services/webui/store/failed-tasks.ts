import { SYSTEM_TASK_PREFIX, TASK_STATUS } from "../../core/protocol/task.ts";
import type { Sql } from "../../core/store/sql.ts";
import { ERROR_CODE, ERROR_MESSAGE, STATUS_CODE, unescaped } from "../../core/store/track-patterns.ts";
import type { FailedTask } from "../failure-groups.ts";

/** Of a project's failed tasks, this many are read: their tracks may have 10,000 characters each. */
export const FAILED_TASKS_READ = 5_000;
const MESSAGE_LENGTH = 500;

/** A project's failed tasks, without the platform's own. */
export async function readFailedTasks(sql: Sql, project: string): Promise<FailedTask[]> {
  const rows = await sql.query<{ taskid: string; url: string; code: string | null; message: string | null; statusCode: number | null }>(
    `select taskid, url, ${ERROR_CODE} as code, ${ERROR_MESSAGE} as message, ${STATUS_CODE} as "statusCode"
     from tasks where project = $1 and status = ${TASK_STATUS.FAILED} and not starts_with(taskid, $2) limit $3`,
    [project, SYSTEM_TASK_PREFIX, FAILED_TASKS_READ],
  );
  return rows.map(({ code, message, ...task }) => ({
    ...task,
    code: code ?? "",
    message: unescaped(message ?? "").slice(0, MESSAGE_LENGTH),
  }));
}
