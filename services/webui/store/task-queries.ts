import type { FetchOptions } from "../../core/protocol/fetch-options.ts";
import type { FetchTrack, ProcessTrack } from "../../core/protocol/messages.ts";
import type { ProcessOptions, Schedule } from "../../core/protocol/task.ts";
import { SYSTEM_TASK_PREFIX, TASK_QUEUE, TASK_STATUS, type TaskQueueName, type TaskStatusName } from "../../core/protocol/task.ts";
import type { Sql } from "../../core/store/sql.ts";

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

/** Where the next page begins: the last row of the previous page. */
export interface TaskCursor {
  updatetime: number;
  taskid: string;
}

const STATUS_NAMES = Object.keys(TASK_STATUS) as TaskStatusName[];
const QUEUE_NAMES = Object.keys(TASK_QUEUE) as TaskQueueName[];
// By pattern and not by path: Postgres refuses to parse JSON that contains \u0000 anywhere, and a script may log that. Within a JSON string a
// quote is escaped, so the pattern finds only the key.
export const STATUS_CODE = `substring(track::text from '"statusCode": *([0-9]+)')::integer as "statusCode"`;
const SUMMARY = `project, taskid, url, status, queue, priority, exetime, retried, lastcrawltime, updatetime, ${STATUS_CODE}`;

type Numbered<T> = Omit<T, "status" | "queue"> & { status: number; queue: number | null };

/** A project's tasks, the most recently changed first; without the platform's own tasks. */
export async function listTasks(
  sql: Sql,
  project: string,
  { status, after, limit }: { status?: TaskStatusName | undefined; after?: TaskCursor | undefined; limit: number },
): Promise<TaskSummary[]> {
  const rows = await sql.query<Numbered<TaskSummary>>(
    `select ${SUMMARY} from tasks
     where project = $1 ${status ? `and status = ${TASK_STATUS[status]}` : ""} and not starts_with(taskid, $2)
       and ($3::float8 is null or (updatetime <= $3 and (updatetime < $3 or taskid > $4)))
     order by updatetime desc, taskid limit $5`,
    [project, SYSTEM_TASK_PREFIX, after?.updatetime ?? null, after?.taskid ?? null, limit],
  );
  return rows.map(named);
}

/** One task; undefined if it does not exist. */
export async function getTask(sql: Sql, project: string, taskid: string): Promise<TaskDetail | undefined> {
  const [row] = await sql.query<Numbered<TaskDetail>>(
    `select ${SUMMARY}, schedule, "fetch", process, save, track, stored from tasks where project = $1 and taskid = $2`,
    [project, taskid],
  );
  return row && named(row);
}

function named<T extends { status: number; queue: number | null }>(row: T) {
  const status = STATUS_NAMES.find((name) => TASK_STATUS[name] === row.status) ?? "BAD";
  const queue = QUEUE_NAMES.find((name) => TASK_QUEUE[name] === row.queue) ?? null;
  return { ...row, status, queue };
}
