/** What the scheduler reads and writes in `tasks`, a batch a statement. All of it runs inside its fenced transaction. */
import type { FetchTrack, ProcessTrack } from "../messages.ts";
import { type FetchOptions, type Follow, INFO_TASKID, type ProcessOptions, type Schedule, type TaskStatus } from "../task.ts";
import { jsonText, rowsOf, type Sql } from "./sql.ts";

/** A task to insert, or to run anew. */
export interface TaskRow {
  project: string;
  taskid: string;
  url: string;
  /** 1 due, 2 waiting for `exetime`. */
  queue: 1 | 2;
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

/**
 * A task's queue, for statements that find their rows by key. Written plainly, an index of those that stand in that queue would fit as well, and look
 * small: but it also holds the places of all that have left since vacuum was there, and the statement would walk over them.
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
 * Adds the tasks that are not there yet; answers which those were. Most links lead to known pages: looking them up first takes the index alone,
 * while a conflict would read each one's row as well. (A scalar subquery, and not `exists`: a join would put the rows in another order.)
 */
export function insertTasks(sql: Sql, tasks: TaskRow[], now: number): Promise<TaskKey[]> {
  return sql.query(
    `insert into tasks (project, taskid, url, status, queue, priority, exetime, schedule, "fetch", process, save, updatetime)
     select project, taskid, url, 1, queue, priority, exetime, schedule::json, "fetch"::json, process::json, save::json, $2
     from ${rowsOf("$1", TASK_COLUMNS)}
     where (select true from tasks where tasks.project = input.project and tasks.taskid = input.taskid) is null
     on conflict (project, taskid) do nothing returning project, taskid`,
    [taskRows(tasks), now],
  );
}

export interface KnownTask extends TaskKey {
  status: TaskStatus;
  /** 1 due, 2 waiting, 3 in flight, 4 in line for its host, null when the task is not ACTIVE. */
  queue: 1 | 2 | 3 | 4 | null;
  retried: number;
  schedule: Schedule | null;
  /** Unix seconds of the last run, a success or not; null: never crawled. */
  lastcrawltime: number | null;
}

/** What is stored of these tasks; those that do not exist are left out. */
export function readKnownTasks(sql: Sql, keys: TaskKey[]): Promise<KnownTask[]> {
  return sql.query(
    `select tasks.project, tasks.taskid, status, queue, retried, schedule, lastcrawltime
     from ${rowsOf("$1", "project text, taskid text")} join tasks using (project, taskid)`,
    [JSON.stringify(keys.map(({ project, taskid }) => ({ project, taskid })))],
  );
}

/** Ids of a project's tasks in their order, at most `limit`, from the one that follows `after`. Takes the index alone. */
export async function readTaskids(sql: Sql, { project, after }: { project: string; after: string }, limit: number): Promise<string[]> {
  const [page] = await sql.query<{ ids: string[] }>(
    `select coalesce(json_agg(taskid), '[]') as ids
     from (select taskid from tasks where project = $1 and taskid > $2 order by taskid limit $3) as page`,
    [project, after, limit],
  );
  return page?.ids ?? [];
}

/** Makes known tasks ACTIVE again with new wishes; their last run's track stays. */
export async function restartTasks(sql: Sql, tasks: TaskRow[], now: number): Promise<void> {
  await sql.query(
    `update tasks set status = 1, url = input.url, queue = input.queue, priority = input.priority, exetime = input.exetime,
       ordinal = nextval('task_order'), retried = 0, schedule = input.schedule::json, "fetch" = input."fetch"::json,
       process = input.process::json, save = input.save::json, attempt = null, postponed = null, held_back = 0, updatetime = $2
     from ${rowsOf("$1", TASK_COLUMNS)}
     where tasks.project = input.project and tasks.taskid = input.taskid`,
    [taskRows(tasks), now],
  );
}

/** What a task is made of, to be asked for again. */
export interface RerunTask extends TaskKey {
  url: string;
  schedule: Schedule | null;
  fetch: FetchOptions | null;
  process: ProcessOptions;
  save: unknown;
}

/**
 * Reads tasks that are to run again. What their last run left is forgotten, unless they are in flight: a page that has not changed since would be
 * answered with 304, and the callback not called.
 */
export function readForRerun(sql: Sql, keys: TaskKey[]): Promise<RerunTask[]> {
  return sql.query(
    `update tasks set track = case when queue = 3 then track end
     from ${rowsOf("$1", "project text, taskid text")} where tasks.project = input.project and tasks.taskid = input.taskid
     returning tasks.project, tasks.taskid, url, schedule, "fetch", process, save`,
    [JSON.stringify(keys)],
  );
}

/** Takes tasks out of the queues for good (status BAD). */
export async function cancelTasks(sql: Sql, keys: TaskKey[], now: number): Promise<void> {
  await sql.query(
    `update tasks set status = 4, queue = null, attempt = null, postponed = null, updatetime = $2
     from ${rowsOf("$1", "project text, taskid text")} where tasks.project = input.project and tasks.taskid = input.taskid`,
    [JSON.stringify(keys), now],
  );
}

/** Keeps a request for a task in flight until its attempt ends. The last one wins. */
export async function postponeFollows(sql: Sql, follows: (Follow & TaskKey)[]): Promise<void> {
  const rows = follows.map((follow) => ({ project: follow.project, taskid: follow.taskid, postponed: jsonText(follow) }));
  await sql.query(
    `update tasks set postponed = input.postponed::json from ${rowsOf("$1", "project text, taskid text, postponed text")}
     where tasks.project = input.project and tasks.taskid = input.taskid and ${QUEUE} = 3`,
    [JSON.stringify(rows)],
  );
}

/** What is kept of a task's last run. */
export interface TaskTrack {
  fetch: FetchTrack;
  process: ProcessTrack;
  /** The script that ran. */
  scriptHash: string;
}

/** What an outcome makes of its task. */
export interface TaskEnd extends TaskKey {
  attempt: number;
  status: TaskStatus;
  /** 2 when the task runs again at `exetime`, null when it is over. */
  queue: 2 | null;
  exetime: number;
  retried: number;
  /** Absent: 0. */
  heldBack?: number;
  track: TaskTrack;
  /** The script's `this.save`, as JSON; absent: unchanged. */
  stored?: unknown;
  hasStored: boolean;
  /** Unix seconds of this end, a success or not. */
  lastcrawltime: number;
}

/** Applies outcomes to tasks that are in flight under that very attempt; answers which those were, with what was postponed until now. */
export function endTasks(sql: Sql, ends: TaskEnd[], now: number): Promise<{ attempt: number; postponed: (Follow & TaskKey) | null }[]> {
  const rows = ends.map((end) => ({ ...end, track: jsonText(end.track), stored: jsonText(end.stored) }));
  return sql.query(
    `update tasks set status = input.status, queue = input.queue, exetime = input.exetime, retried = input.retried, track = input.track::json,
       held_back = coalesce(input."heldBack", 0),
       stored = case when input."hasStored" then input.stored::json else tasks.stored end,
       lastcrawltime = input.lastcrawltime, attempt = null, saved_run = null, updatetime = $2
     from ${rowsOf(
       "$1",
       `project text, taskid text, attempt bigint, status smallint, queue smallint, exetime double precision, retried integer, track text,
        "heldBack" smallint, stored text, "hasStored" boolean, lastcrawltime double precision`,
     )}
     where tasks.project = input.project and tasks.taskid = input.taskid and tasks.attempt = input.attempt and ${QUEUE} = 3
     returning input.attempt, tasks.postponed`,
    [JSON.stringify(rows), now],
  );
}

/** Rows of the platform's own that are of no use once they have succeeded. */
export async function deleteTasks(sql: Sql, keys: TaskKey[]): Promise<void> {
  await sql.query(
    `delete from tasks using ${rowsOf("$1", "project text, taskid text")} where tasks.project = input.project and tasks.taskid = input.taskid`,
    [JSON.stringify(keys)],
  );
}

/** A task as it leaves for a fetcher. */
export interface DispatchedTask extends TaskKey {
  attempt: number;
  ordinal: number;
  url: string;
  priority: number;
  retried: number;
  /** How often in a row its host asked to come back later. */
  heldBack: number;
  schedule: Schedule | null;
  fetch: FetchOptions | null;
  process: ProcessOptions;
  save: unknown;
  track: TaskTrack | null;
  stored: unknown;
}

const DISPATCHED_COLUMNS =
  'tasks.project, tasks.taskid, attempt, ordinal, url, priority, retried, held_back as "heldBack", schedule, "fetch", process, save, track, stored';

export interface Allowance {
  project: string;
  /** At most so many tasks now. */
  count: number;
}

/** A place in the order of due tasks: of its priority, those after `ordinal`. */
export interface DueLevel {
  priority: number;
  ordinal: number;
}

/** Where to look for due tasks: in these levels, then in all priorities below `below`; null: nowhere else. */
export interface DueRange {
  /** The highest priority first. */
  levels: DueLevel[];
  below: number | null;
}

/** All that are due: priorities are integers of 32 bits. */
export const ALL_DUE: DueRange = { levels: [], below: 2 ** 31 };

/**
 * Puts the most urgent due tasks of each project in flight, each under a new attempt: by priority, then first in, first out.
 *
 * @param deadline unix seconds after which they count as lost.
 */
export async function dispatchDue(sql: Sql, allowances: (Allowance & DueRange)[], deadline: number): Promise<DispatchedTask[]> {
  const tasks = await sql.query<DispatchedTask>(
    `with picked as (
       select due.project, due.taskid from ${rowsOf("$1", "project text, count integer, levels json, below bigint")}
       cross join lateral (
         select * from (
           select of_level.* from json_to_recordset(input.levels) as level(priority integer, ordinal bigint)
           cross join lateral (
             select project, taskid from tasks
             where tasks.project = input.project and tasks.queue = 1 and tasks.priority = level.priority and tasks.ordinal > level.ordinal
             order by ordinal limit input.count) of_level
           union all (
             select project, taskid from tasks where tasks.project = input.project and tasks.queue = 1 and tasks.priority < input.below
             order by priority desc, ordinal limit input.count)) found
         limit input.count) due)
     update tasks set queue = 3, attempt = nextval('attempts'), deadline = $2, saved_run = null
     from picked where tasks.project = picked.project and tasks.taskid = picked.taskid
     returning ${DISPATCHED_COLUMNS}`,
    [JSON.stringify(allowances), deadline],
  );
  return tasks.sort(byUrgency);
}

const byUrgency = (a: { priority: number; ordinal: number }, b: { priority: number; ordinal: number }) =>
  b.priority - a.priority || a.ordinal - b.ordinal;

/** The most urgent due tasks of each project, as `dispatchDue` would take them; nothing is changed. */
export async function pickDue(sql: Sql, allowances: Allowance[]): Promise<(TaskKey & { url: string })[]> {
  const tasks = await sql.query<TaskKey & { url: string; priority: number; ordinal: number }>(
    `select due.* from ${rowsOf("$1", "project text, count integer")}
     cross join lateral (
       select project, taskid, url, priority, ordinal from tasks where tasks.project = input.project and tasks.queue = 1
       order by priority desc, ordinal limit input.count) due`,
    [JSON.stringify(allowances)],
  );
  return tasks.sort(byUrgency);
}

/** Puts these due tasks in flight, as `dispatchDue` does. */
export async function dispatchTasks(sql: Sql, keys: TaskKey[], deadline: number): Promise<DispatchedTask[]> {
  const tasks = await sql.query<DispatchedTask>(
    `update tasks set queue = 3, attempt = nextval('attempts'), deadline = $2, saved_run = null
     from ${rowsOf("$1", "project text, taskid text")}
     where tasks.project = input.project and tasks.taskid = input.taskid and ${QUEUE} = 1
     returning ${DISPATCHED_COLUMNS}`,
    [JSON.stringify(keys), deadline],
  );
  return tasks.sort(byUrgency);
}

/** The same for the `_on_get_info` tasks of these projects: all that a project may run before its script is known. */
export function dispatchInfo(sql: Sql, projects: string[], deadline: number): Promise<DispatchedTask[]> {
  return sql.query(
    `update tasks set queue = 3, attempt = nextval('attempts'), deadline = $2, saved_run = null
     from ${rowsOf("$1", "name text")} where tasks.project = input.name and tasks.taskid = '${INFO_TASKID}' and ${QUEUE} = 1
     returning ${DISPATCHED_COLUMNS}`,
    [JSON.stringify(projects.map((name) => ({ name }))), deadline],
  );
}

/**
 * Moves waiting tasks whose time has come to the due ones, the longest overdue first, at most `limit`.
 *
 * @param times unix seconds: those whose times lie after `after` and not after `now`.
 * @returns the projects and priorities of which there were some, and how many there were.
 */
export async function wakeWaiting(sql: Sql, { after, now }: { after: number; now: number }, limit: number): Promise<Woken[]> {
  return sql.query(
    `with overdue as materialized (
         select project, taskid from tasks where queue = 2 and exetime > $3 and exetime <= $1 order by exetime limit $2),
       ordered as materialized (select project, taskid, nextval('task_order') as ordinal from overdue),
       woken as (
         update tasks set queue = 1, ordinal = ordered.ordinal from ordered
         where tasks.project = ordered.project and tasks.taskid = ordered.taskid and ${QUEUE} = 2
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

/** Takes back everything in flight (or, with `overdueAt`, what is past its deadline); it is due again at its old place. */
export async function returnInFlight(sql: Sql, overdueAt?: number): Promise<{ attempt: number; project: string }[]> {
  return sql.query(
    `with lost as (select project, taskid, attempt from tasks where queue = 3 ${overdueAt === undefined ? "" : "and deadline < $1"} for update)
     update tasks set queue = 1, attempt = null, saved_run = null from lost
     where tasks.project = lost.project and tasks.taskid = lost.taskid
     returning tasks.project, lost.attempt`,
    overdueAt === undefined ? [] : [overdueAt],
  );
}

/** The projects that have due tasks; one index probe a project. */
export async function projectsWithDueTasks(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    "select name from projects where exists (select 1 from tasks where tasks.project = projects.name and queue = 1)",
  );
  return rows.map(({ name }) => name);
}
