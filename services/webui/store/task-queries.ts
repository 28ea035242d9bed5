import type { FetchOptions } from "../../core/protocol/fetch-options.ts";
import type { FetchTrack, ProcessTrack } from "../../core/protocol/messages.ts";
import type { ProcessOptions, Schedule } from "../../core/protocol/task.ts";
import { SYSTEM_TASK_PREFIX, TASK_QUEUE, TASK_STATUS, type TaskQueueName, type TaskStatusName } from "../../core/protocol/task.ts";
import type { Sql } from "../../core/store/sql.ts";
import { ERROR_CODE, ERROR_MESSAGE, STATUS_CODE, unescaped } from "../../core/store/track-patterns.ts";
import { rowsWith, type TaskCursor, walkTasks } from "./task-walk.ts";

/** A task in a list. */
export interface TaskSummary {
  project: string;
  taskid: string;
  url: string;
  status: TaskStatusName;
  /** The queue of an ACTIVE task; null when it is not ACTIVE. */
  queue: TaskQueueName | null;
  priority: number;
  /** Unix seconds before which it does not run. */
  exetime: number;
  /** Failures in a row. */
  retried: number;
  /** HTTP status of the last run; null before the first. */
  statusCode: number | null;
  /** The error of the last run; null if it has none. The message has at most 500 characters. */
  errorCode: string | null;
  errorMessage: string | null;
  /** Unix seconds; null before the first run. */
  lastcrawltime: number | null;
  /** Unix seconds of the last change. */
  updatetime: number;
}

/** A task with all stored fields. Unset fields are null. */
export interface TaskDetail extends TaskSummary {
  schedule: Schedule | null;
  fetch: FetchOptions | null;
  process: ProcessOptions;
  save: unknown;
  /** The last run. */
  track: { fetch?: FetchTrack; process?: ProcessTrack } | null;
  /** The script's `this.save`. */
  stored: unknown;
}

const STATUS_NAMES = Object.keys(TASK_STATUS) as TaskStatusName[];
const QUEUE_NAMES = Object.keys(TASK_QUEUE) as TaskQueueName[];
const SUMMARY = `project, taskid, url, status, queue, priority, exetime, retried, lastcrawltime, updatetime, ${STATUS_CODE} as "statusCode",
  ${ERROR_CODE} as "errorCode", ${ERROR_MESSAGE} as "errorMessage"`;

type Numbered<T> = Omit<T, "status" | "queue"> & { status: number; queue: number | null };

export interface TaskFilter {
  status?: TaskStatusName | undefined;
  /** In URLs, error codes and error messages, whatever its case. */
  search?: string | undefined;
  after?: TaskCursor | undefined;
  limit: number;
}

/**
 * One page of a project's tasks, the most recently changed first; without the platform's own tasks. A page of a search may be empty although a next
 * one has tasks.
 *
 * @returns `next`: where the next page begins; undefined on the last page.
 */
export async function listTasks(
  sql: Sql,
  project: string,
  { status, search, after, limit }: TaskFilter,
): Promise<{ tasks: TaskSummary[]; next: TaskCursor | undefined }> {
  const { rows, next } = await walkTasks<Numbered<TaskSummary>>(sql, project, {
    columns: SUMMARY,
    walked: `not starts_with(taskid, '${SYSTEM_TASK_PREFIX}') ${status ? `and status = ${TASK_STATUS[status]}` : ""}`,
    ...(search === undefined ? {} : { shown: rowsWith(search, { text: ["url", '"errorCode"'], json: ['"errorMessage"'] }) }),
    after,
    limit,
  });
  return { tasks: rows.map(named), next };
}

/** One task; undefined if it does not exist. */
export async function getTask(sql: Sql, project: string, taskid: string): Promise<TaskDetail | undefined> {
  const [row] = await sql.query<Numbered<TaskDetail>>(
    `select ${SUMMARY}, schedule, "fetch", process, save, track, stored from tasks where project = $1 and taskid = $2`,
    [project, taskid],
  );
  return row && named(row);
}

const MESSAGE_LENGTH = 500;

/** The message of an error in a list. */
export const shownMessage = (json: string | null): string | null => (json === null ? null : unescaped(json).slice(0, MESSAGE_LENGTH));

function named<T extends { status: number; queue: number | null; errorMessage: string | null }>(row: T) {
  const status = STATUS_NAMES.find((name) => TASK_STATUS[name] === row.status) ?? "BAD";
  const queue = QUEUE_NAMES.find((name) => TASK_QUEUE[name] === row.queue) ?? null;
  return { ...row, errorMessage: shownMessage(row.errorMessage), status, queue };
}
