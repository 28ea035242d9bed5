/** Operations on many rows run in steps. Each step deletes or restarts a limited number of rows and records its progress. */

import type { TaskStatus } from "../../core/protocol/task.ts";
import { MESSAGE_TASK_PREFIX, SYSTEM_TASK_PREFIX, TASK_QUEUE, TASK_STATUS } from "../../core/protocol/task.ts";
import type { TaskSelection } from "../../core/protocol/task-selection.ts";
import type { Sql } from "../../core/store/sql.ts";
import { whereSelected } from "../../core/store/task-selection.ts";

export interface BulkOperation {
  id: number;
  project: string;
  kind: "clear" | "rerun" | "select";
  /** Of a clear: index in CLEARED. */
  stage: number;
  /** The last processed key of the stage; "" at its beginning. */
  doneTo: string;
  /** Of a select. */
  selection: StoredSelection | null;
}

/** The tasks to run again, and from where. */
export interface StoredSelection extends TaskSelection {
  keptPages: boolean;
}

/** All unfinished operations, the oldest first. */
export function readBulkOperations(sql: Sql): Promise<BulkOperation[]> {
  return sql.query('select id, project, kind, stage, done_to as "doneTo", selection from chores order by id');
}

/** @param selection of a select. */
export async function addBulkOperation(
  sql: Sql,
  project: string,
  kind: BulkOperation["kind"],
  selection: StoredSelection | null = null,
): Promise<BulkOperation> {
  const [bulkOperation] = await sql.query<{ id: number }>(
    "insert into chores (project, kind, selection) values ($1, $2, $3::json) returning id",
    [project, kind, selection && JSON.stringify(selection)],
  );
  if (!bulkOperation) throw new Error("insert returning gave no row");
  return { id: bulkOperation.id, project, kind, stage: 0, doneTo: "", selection };
}

export async function saveBulkOperation(sql: Sql, { id, stage, doneTo }: BulkOperation): Promise<void> {
  await sql.query("update chores set stage = $2, done_to = $3 where id = $1", [id, stage, doneTo]);
}

export async function removeBulkOperation(sql: Sql, { id }: BulkOperation): Promise<void> {
  await sql.query("delete from chores where id = $1", [id]);
}

/** Deletes a project's counters. */
export async function resetCounters(sql: Sql, project: string): Promise<void> {
  for (const table of ["project_totals", "counters"]) await sql.query(`delete from ${table} where project = $1`, [project]);
}

/**
 * The tables that a clear empties, in this order: once no task is left, no result can be stored. The keys follow an index, and not `limit` alone,
 * which would scan the rows that earlier steps have deleted.
 */
const CLEARED = [
  { table: "tasks", key: "taskid", type: "text" },
  { table: "results", key: "ordinal", type: "bigint" },
  { table: "dead_letters", key: "id", type: "bigint" },
  { table: "host_lines", key: "host", type: "text" },
  { table: "kept_pages", key: "taskid", type: "text" },
] as const;

/** One step of a clear, at most `limit` rows. Returns the next step, or undefined when all is done. */
export async function clearSome(sql: Sql, bulkOperation: BulkOperation, limit: number): Promise<BulkOperation | undefined> {
  const cleared = CLEARED[bulkOperation.stage];
  if (!cleared) return undefined;
  const { table, key, type } = cleared;
  const rows = await sql.query<{ key: string }>(
    `with chosen as materialized (
       select ${key} as key from ${table} where project = $1 and ($2 = '' or ${key} > nullif($2, '')::${type}) order by ${key} limit $3),
     deleted as (delete from ${table} using chosen where ${table}.project = $1 and ${table}.${key} = chosen.key)
     select key::text as key from chosen order by chosen.key`,
    [bulkOperation.project, bulkOperation.doneTo, limit],
  );
  if (rows.length === limit) return { ...bulkOperation, doneTo: rows.at(-1)?.key ?? "" };
  return bulkOperation.stage + 1 < CLEARED.length ? { ...bulkOperation, stage: bulkOperation.stage + 1, doneTo: "" } : undefined;
}

/**
 * Makes at most `limit` failed tasks due again with all their retries, messages to the project included. Failed ticks are not repeated.
 *
 * @param now unix seconds.
 */
export async function restartFailed(
  sql: Sql,
  bulkOperation: BulkOperation,
  { limit, now }: { limit: number; now: number },
): Promise<string[]> {
  const rows = await sql.query<{ taskid: string }>(
    `with chosen as materialized (
       select taskid from tasks where project = $1 and status = ${TASK_STATUS.FAILED} and taskid > $2
         and (not starts_with(taskid, '${SYSTEM_TASK_PREFIX}') or starts_with(taskid, '${MESSAGE_TASK_PREFIX}'))
       order by taskid limit $3),
     restarted as (
       update tasks set status = ${TASK_STATUS.ACTIVE}, queue = ${TASK_QUEUE.due}, exetime = 0, retried = 0, uses_kept_page = false, attempt = null,
         postponed = null, ordinal = nextval('task_order'), updatetime = $4
       from chosen where tasks.project = $1 and tasks.taskid = chosen.taskid)
     select taskid from chosen order by taskid`,
    [bulkOperation.project, bulkOperation.doneTo, limit, now],
  );
  return rows.map(({ taskid }) => taskid);
}

/** A step of a select. */
export interface SelectStep {
  restarted: { taskid: string; status: TaskStatus }[];
  /** The next step; undefined when all is done. */
  rest: BulkOperation | undefined;
}

/**
 * Looks at the next tasks of the project, at most `limit`, and makes those of the selection due again with all their retries. Deletes the track of
 * their last run: otherwise an unchanged page would be answered with 304, and the callback would not be called.
 *
 * @param now unix seconds.
 */
export async function restartSelected(
  sql: Sql,
  bulkOperation: BulkOperation,
  { limit, now }: { limit: number; now: number },
): Promise<SelectStep> {
  const { project, doneTo, selection } = bulkOperation;
  const { condition, params } = whereSelected(selection ?? {}, 6);
  const rows = await sql.query<{ taskid: string; status: TaskStatus | null }>(
    `with range as materialized (select taskid from tasks where project = $1 and taskid > $2 order by taskid limit $3),
     chosen as materialized (
       select tasks.taskid, tasks.status from range join tasks on tasks.project = $1 and tasks.taskid = range.taskid where ${condition}),
     restarted as (
       update tasks set status = ${TASK_STATUS.ACTIVE}, queue = ${TASK_QUEUE.due}, exetime = 0, retried = 0, attempt = null, track = null,
         uses_kept_page = $5, postponed = null, held_back = 0, ordinal = nextval('task_order'), updatetime = $4
       from chosen where tasks.project = $1 and tasks.taskid = chosen.taskid)
     select range.taskid, chosen.status from range left join chosen using (taskid) order by taskid`,
    [project, doneTo, limit, now, selection?.keptPages ?? false, ...params],
  );
  return {
    restarted: rows.flatMap(({ taskid, status }) => (status === null ? [] : [{ taskid, status }])),
    rest: rows.length === limit ? { ...bulkOperation, doneTo: rows.at(-1)?.taskid ?? "" } : undefined,
  };
}
