/** The scheduler's reads and writes of `tasks`, one batch per statement. All statements run inside its fenced transaction. */

import type { FetchOptions } from "../../core/protocol/fetch-options.ts";
import type { FetchTrack, ProcessTrack } from "../../core/protocol/messages.ts";
import {
  type Follow,
  INFO_TASKID,
  type ProcessOptions,
  type Schedule,
  TASK_QUEUE,
  TASK_STATUS,
  type TaskQueue,
  type TaskStatus,
} from "../../core/protocol/task.ts";
import { jsonText, rowsOf, type Sql } from "../../core/store/sql.ts";

/** A task to insert, or to run again. */
export interface TaskRow {
  project: string;
  taskid: string;
  url: string;
  /** In `waiting` it waits for `exetime`. */
  queue: TaskQueue<"due" | "waiting">;
  priority: number;
  /** Unix seconds. */
  exetime: number;
  schedule: Schedule;
  fetch: FetchOptions;
  process: ProcessOptions;
  save?: unknown;
}

export interface TaskKey {
  project: string;
  taskid: string;
}

/** Only the keys: other properties of the objects, such as a script's texts, may not be valid JSON for Postgres. */
export const keyRows = (keys: readonly TaskKey[]) => JSON.stringify(keys.map(({ project, taskid }) => ({ project, taskid })));

/**
 * A task's queue, for statements that find their rows by key. Written plainly, the planner could choose the index of that queue, which looks
 * small. But the index also has the entries of all tasks that left since the last vacuum, and the statement would scan them.
 */
export const QUEUE = "(tasks.queue + 0)";

const TASK_COLUMNS = `project text, taskid text, url text, queue smallint, priority integer, exetime double precision, schedule text, "fetch" text,
  process text, save text`;

const taskRows = (tasks: TaskRow[]) =>
  JSON.stringify(
    tasks.map(({ schedule, fetch, process, save, ...task }) => ({
      ...task,
      ...{ schedule: jsonText(schedule), fetch: jsonText(fetch), process: jsonText(process), save: jsonText(save) },
    })),
  );

/**
 * Adds the tasks that do not exist yet and returns them. Most links lead to known pages: looking them up first needs the index alone, while a
 * conflict would read each row as well. (A scalar subquery, and not `exists`, because a join would change the order of the rows.)
 */
export function insertTasks(sql: Sql, tasks: TaskRow[], now: number): Promise<TaskKey[]> {
  return sql.query(
    `insert into tasks (project, taskid, url, status, queue, priority, exetime, schedule, "fetch", process, save, updatetime)
     select project, taskid, url, ${TASK_STATUS.ACTIVE}, queue, priority, exetime, schedule::json, "fetch"::json, process::json, save::json, $2
     from ${rowsOf("$1", TASK_COLUMNS)}
     where (select true from tasks where tasks.project = input.project and tasks.taskid = input.taskid) is null
     on conflict (project, taskid) do nothing returning project, taskid`,
    [taskRows(tasks), now],
  );
}

export interface KnownTask extends TaskKey {
  status: TaskStatus;
  /** Null when the task is not ACTIVE. */
  queue: TaskQueue | null;
  retried: number;
  schedule: Schedule | null;
  /** Unix seconds of the last run, successful or not; null: never crawled. */
  lastcrawltime: number | null;
  callback: string;
  /** Null: the project's. */
  fetchType: FetchOptions["fetchType"] | null;
}

/** The stored rows of these tasks; tasks that do not exist are left out. */
export function readKnownTasks(sql: Sql, keys: TaskKey[]): Promise<KnownTask[]> {
  return sql.query(
    `select tasks.project, tasks.taskid, status, queue, retried, schedule, lastcrawltime, process->>'callback' as callback,
       "fetch"->>'fetchType' as "fetchType"
     from ${rowsOf("$1", "project text, taskid text")} join tasks using (project, taskid)`,
    [keyRows(keys)],
  );
}

/** Tasks of a project that fetch something. */
export async function countPages(sql: Sql, project: string): Promise<number> {
  const [row] = await sql.query<{ pages: number }>("select count(*) as pages from tasks where project = $1 and url not like 'data:%'", [
    project,
  ]);
  return row?.pages ?? 0;
}

/** Ids of a project's tasks in order, at most `limit`, from the one after `after`. Needs the index alone. */
export async function readTaskids(sql: Sql, { project, after }: { project: string; after: string }, limit: number): Promise<string[]> {
  const [page] = await sql.query<{ ids: string[] }>(
    `select coalesce(json_agg(taskid), '[]') as ids
     from (select taskid from tasks where project = $1 and taskid > $2 order by taskid limit $3) as page`,
    [project, after, limit],
  );
  return page?.ids ?? [];
}

/** Makes known tasks ACTIVE again with new options; the track of their last run stays. */
export async function restartTasks(sql: Sql, tasks: TaskRow[], now: number): Promise<void> {
  await sql.query(
    `update tasks set status = ${TASK_STATUS.ACTIVE}, url = input.url, queue = input.queue, priority = input.priority, exetime = input.exetime,
       ordinal = nextval('task_order'), retried = 0, uses_kept_page = false, schedule = input.schedule::json, "fetch" = input."fetch"::json,
       process = input.process::json, save = input.save::json, attempt = null, postponed = null, held_back = 0, updatetime = $2
     from ${rowsOf("$1", TASK_COLUMNS)}
     where tasks.project = input.project and tasks.taskid = input.taskid`,
    [taskRows(tasks), now],
  );
}

/** The definition of a task, to request it again. */
export interface RerunTask extends TaskKey {
  url: string;
  schedule: Schedule | null;
  fetch: FetchOptions | null;
  process: ProcessOptions;
  save: unknown;
}

/**
 * Prepares tasks to run again, and returns their definitions. Deletes the track of their last run unless they are in flight: otherwise an unchanged
 * page would be answered with 304, and the callback would not be called.
 */
export function prepareRerun(sql: Sql, keys: TaskKey[]): Promise<RerunTask[]> {
  return sql.query(
    `update tasks set track = case when queue = ${TASK_QUEUE.inFlight} then track end
     from ${rowsOf("$1", "project text, taskid text")} where tasks.project = input.project and tasks.taskid = input.taskid
     returning tasks.project, tasks.taskid, url, schedule, "fetch", process, save`,
    [keyRows(keys)],
  );
}

/** Removes tasks from the queues permanently (status BAD). */
export async function cancelTasks(sql: Sql, keys: TaskKey[], now: number): Promise<void> {
  await sql.query(
    `update tasks set status = ${TASK_STATUS.BAD}, queue = null, attempt = null, postponed = null, updatetime = $2
     from ${rowsOf("$1", "project text, taskid text")} where tasks.project = input.project and tasks.taskid = input.taskid`,
    [keyRows(keys), now],
  );
}

/** Keeps a request for a task in flight until its attempt ends. The last request replaces earlier ones. */
export async function postponeFollows(sql: Sql, follows: (Follow & TaskKey)[]): Promise<void> {
  const rows = follows.map((follow) => ({ project: follow.project, taskid: follow.taskid, postponed: jsonText(follow) }));
  await sql.query(
    `update tasks set postponed = input.postponed::json from ${rowsOf("$1", "project text, taskid text, postponed text")}
     where tasks.project = input.project and tasks.taskid = input.taskid and ${QUEUE} = ${TASK_QUEUE.inFlight}`,
    [JSON.stringify(rows)],
  );
}

/** The kept data of a task's last run. */
export interface TaskTrack {
  fetch: FetchTrack;
  process: ProcessTrack;
  /** The script that ran. */
  scriptHash: string;
}

/** The changes that an outcome makes to its task. */
export interface TaskEnd extends TaskKey {
  attempt: number;
  status: TaskStatus;
  /** Null if the task has ended; otherwise it runs again at `exetime`. */
  queue: TaskQueue<"waiting"> | null;
  exetime: number;
  retried: number;
  /** Absent: 0. */
  deferrals?: number;
  track: TaskTrack;
  /** The script's `this.save`, as JSON; absent: unchanged. */
  stored?: unknown;
  hasStored: boolean;
  /** Unix seconds of this end, successful or not. */
  lastcrawltime: number;
}

/** Applies outcomes to tasks that are in flight under the same attempt; returns those tasks, with their postponed requests. */
export function endTasks(sql: Sql, ends: TaskEnd[], now: number): Promise<{ attempt: number; postponed: (Follow & TaskKey) | null }[]> {
  const rows = ends.map((end) => ({ ...end, track: jsonText(end.track), stored: jsonText(end.stored) }));
  return sql.query(
    `update tasks set status = input.status, queue = input.queue, exetime = input.exetime, retried = input.retried, track = input.track::json,
       held_back = coalesce(input."deferrals", 0),
       stored = case when input."hasStored" then input.stored::json else tasks.stored end,
       lastcrawltime = input.lastcrawltime, uses_kept_page = uses_kept_page and input.retried > 0, attempt = null, saved_run = null, updatetime = $2
     from ${rowsOf(
       "$1",
       `project text, taskid text, attempt bigint, status smallint, queue smallint, exetime double precision, retried integer, track text,
        "deferrals" smallint, stored text, "hasStored" boolean, lastcrawltime double precision`,
     )}
     where tasks.project = input.project and tasks.taskid = input.taskid and tasks.attempt = input.attempt
       and ${QUEUE} = ${TASK_QUEUE.inFlight}
     returning input.attempt, tasks.postponed`,
    [JSON.stringify(rows), now],
  );
}

/** Deletes the platform's own tasks, which are not needed once they have succeeded. */
export async function deleteTasks(sql: Sql, keys: TaskKey[]): Promise<void> {
  await sql.query(
    `delete from tasks using ${rowsOf("$1", "project text, taskid text")} where tasks.project = input.project and tasks.taskid = input.taskid`,
    [keyRows(keys)],
  );
}

/** A task as sent to a fetcher. */
export interface DispatchedTask extends TaskKey {
  attempt: number;
  ordinal: number;
  url: string;
  priority: number;
  retried: number;
  /** How often in a row its host asked to come back later. */
  deferrals: number;
  schedule: Schedule | null;
  fetch: FetchOptions | null;
  process: ProcessOptions;
  save: unknown;
  track: TaskTrack | null;
  stored: unknown;
  /** This run takes the kept page, if there is one. */
  usesKeptPage: boolean;
}

export const DISPATCHED_COLUMNS = `tasks.project, tasks.taskid, attempt, ordinal, url, priority, retried, held_back as "deferrals", schedule, "fetch", process, save, track, stored,
  uses_kept_page as "usesKeptPage"`;

export interface DispatchLimit {
  project: string;
  /** Maximum number of tasks now. */
  count: number;
}

/** A place in the order of due tasks: tasks of its priority after `ordinal`. */
export interface DueLevel {
  priority: number;
  ordinal: number;
}

/** Where to search for due tasks: in these levels, then in all priorities below `below`; null: nowhere else. */
export interface DueRange {
  /** The highest priority first. */
  levels: DueLevel[];
  below: number | null;
}

/** All due tasks: priorities are integers of 32 bits. */
export const ALL_DUE: DueRange = { levels: [], below: 2 ** 31 };

/**
 * Puts the most urgent due tasks of each project in flight, each under a new attempt: by priority, then first in, first out.
 *
 * @param deadline unix seconds after which the tasks count as lost.
 */
export async function dispatchDue(sql: Sql, dispatchLimits: (DispatchLimit & DueRange)[], deadline: number): Promise<DispatchedTask[]> {
  const tasks = await sql.query<DispatchedTask>(
    `with picked as (
       select due.project, due.taskid from ${rowsOf("$1", "project text, count integer, levels json, below bigint")}
       cross join lateral (
         select * from (
           select of_level.* from json_to_recordset(input.levels) as level(priority integer, ordinal bigint)
           cross join lateral (
             select project, taskid from tasks
             where tasks.project = input.project and tasks.queue = ${TASK_QUEUE.due} and tasks.priority = level.priority
               and tasks.ordinal > level.ordinal
             order by ordinal limit input.count) of_level
           union all (
             select project, taskid from tasks
             where tasks.project = input.project and tasks.queue = ${TASK_QUEUE.due} and tasks.priority < input.below
             order by priority desc, ordinal limit input.count)) found
         limit input.count) due)
     update tasks set queue = ${TASK_QUEUE.inFlight}, attempt = nextval('attempts'), deadline = $2, saved_run = null
     from picked where tasks.project = picked.project and tasks.taskid = picked.taskid
     returning ${DISPATCHED_COLUMNS}`,
    [JSON.stringify(dispatchLimits), deadline],
  );
  return tasks.sort(byUrgency);
}

const byUrgency = (a: { priority: number; ordinal: number }, b: { priority: number; ordinal: number }) =>
  b.priority - a.priority || a.ordinal - b.ordinal;

/** The most urgent due tasks of each project, as `dispatchDue` would select them, without changing them. */
export async function pickDue(sql: Sql, dispatchLimits: DispatchLimit[]): Promise<(TaskKey & { url: string })[]> {
  const tasks = await sql.query<TaskKey & { url: string; priority: number; ordinal: number }>(
    `select due.* from ${rowsOf("$1", "project text, count integer")}
     cross join lateral (
       select project, taskid, url, priority, ordinal from tasks where tasks.project = input.project and tasks.queue = ${TASK_QUEUE.due}
       order by priority desc, ordinal limit input.count) due`,
    [JSON.stringify(dispatchLimits)],
  );
  return tasks.sort(byUrgency);
}

/** Puts these due tasks in flight, as `dispatchDue` does. */
export async function dispatchTasks(sql: Sql, keys: TaskKey[], deadline: number): Promise<DispatchedTask[]> {
  const tasks = await sql.query<DispatchedTask>(
    `update tasks set queue = ${TASK_QUEUE.inFlight}, attempt = nextval('attempts'), deadline = $2, saved_run = null
     from ${rowsOf("$1", "project text, taskid text")}
     where tasks.project = input.project and tasks.taskid = input.taskid and ${QUEUE} = ${TASK_QUEUE.due}
     returning ${DISPATCHED_COLUMNS}`,
    [keyRows(keys), deadline],
  );
  return tasks.sort(byUrgency);
}

/** The same for the `_on_get_info` tasks of these projects, the only tasks that may run before the script's declarations are known. */
export function dispatchInfo(sql: Sql, projects: string[], deadline: number): Promise<DispatchedTask[]> {
  return sql.query(
    `update tasks set queue = ${TASK_QUEUE.inFlight}, attempt = nextval('attempts'), deadline = $2, saved_run = null
     from ${rowsOf("$1", "name text")} where tasks.project = input.name and tasks.taskid = '${INFO_TASKID}' and ${QUEUE} = ${TASK_QUEUE.due}
     returning ${DISPATCHED_COLUMNS}`,
    [JSON.stringify(projects.map((name) => ({ name }))), deadline],
  );
}

/**
 * Makes waiting tasks due once their time has come, the longest overdue first, at most `limit`.
 *
 * @param times unix seconds: tasks whose times are after `after` and not after `now`.
 * @returns the projects and priorities of the moved tasks, and their number.
 */
export async function wakeWaiting(sql: Sql, { after, now }: { after: number; now: number }, limit: number): Promise<Woken[]> {
  return sql.query(
    `with overdue as materialized (
         select project, taskid from tasks where queue = ${TASK_QUEUE.waiting} and exetime > $3 and exetime <= $1 order by exetime limit $2),
       ordered as materialized (select project, taskid, nextval('task_order') as ordinal from overdue),
       woken as (
         update tasks set queue = ${TASK_QUEUE.due}, ordinal = ordered.ordinal from ordered
         where tasks.project = ordered.project and tasks.taskid = ordered.taskid and ${QUEUE} = ${TASK_QUEUE.waiting}
         returning tasks.project, priority)
     select project, priority, count(*) from woken group by project, priority`,
    [now, limit, after],
  );
}

export interface Woken {
  project: string;
  priority: number;
  count: number;
}

/** Makes everything in flight due again at its old place; with `overdueAt`, only tasks past their deadline. */
export async function returnInFlight(sql: Sql, overdueAt?: number): Promise<{ attempt: number; project: string }[]> {
  return sql.query(
    `with lost as (
       select project, taskid, attempt from tasks
       where queue = ${TASK_QUEUE.inFlight} ${overdueAt === undefined ? "" : "and deadline < $1"} for update)
     update tasks set queue = ${TASK_QUEUE.due}, attempt = null, saved_run = null from lost
     where tasks.project = lost.project and tasks.taskid = lost.taskid
     returning tasks.project, lost.attempt`,
    overdueAt === undefined ? [] : [overdueAt],
  );
}

/** The projects that have due tasks; one index probe per project. */
export async function projectsWithDueTasks(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    `select name from projects where exists (
       select 1 from tasks where tasks.project = projects.name and queue = ${TASK_QUEUE.due})`,
  );
  return rows.map(({ name }) => name);
}
