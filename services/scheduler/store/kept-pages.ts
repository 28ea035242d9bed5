import { MIB } from "../../core/protocol/byte-units.ts";
import { TASK_QUEUE } from "../../core/protocol/task.ts";
import { rowsOf, type Sql } from "../../core/store/sql.ts";
import { keyRows, type TaskKey } from "./scheduling.ts";

/** Kept pages that one round sends, in their compressed form; above the largest page. The scheduler holds them twice, and once as base64. */
const ROUND_BYTES = 4 * MIB;
/** Pages that one step removes: some ten ms of Postgres. */
const PRUNE_ROWS = 2_000;

export interface KeptPageRow extends TaskKey {
  /** Base64 of `packPage`; null: it does not fit into this round. */
  page: string | null;
}

/** The kept pages of these tasks, in order, up to 4 MiB. Tasks without one are left out. */
export function readKeptPages(sql: Sql, tasks: readonly TaskKey[]): Promise<KeptPageRow[]> {
  return sql.query(
    `select project, taskid, case when total <= $2 then replace(encode(page, 'base64'), E'\\n', '') end as page
     from (
       select project, taskid, page, sum(bytes) over (order by place rows unbounded preceding) as total
       from ${rowsOf("$1", "place integer, project text, taskid text")} join kept_pages using (project, taskid)) as sized`,
    [JSON.stringify(tasks.map(({ project, taskid }, place) => ({ place, project, taskid }))), ROUND_BYTES],
  );
}

/** Makes tasks that this round put in flight due again, at their old place. */
export async function returnDispatched(sql: Sql, tasks: readonly TaskKey[]): Promise<void> {
  await sql.query(
    `update tasks set queue = ${TASK_QUEUE.due}, attempt = null from ${rowsOf("$1", "project text, taskid text")}
     where tasks.project = input.project and tasks.taskid = input.taskid`,
    [keyRows(tasks)],
  );
}

/**
 * Removes kept pages of the next project after `after` that are older than it keeps them, or exceed its size, the oldest first; at most 2,000.
 *
 * @param now unix seconds.
 * @returns the project; undefined if no project follows.
 */
export async function pruneKeptPages(sql: Sql, after: string, now: number): Promise<string | undefined> {
  const [next] = await sql.query<{ project: string }>("select project from kept_pages where project > $1 order by project limit 1", [
    after,
  ]);
  if (!next) return undefined;
  await sql.query(
    `with limits as materialized (
       select coalesce(max(keep_pages_mib), 0) * ${MIB}::bigint as bytes, $2 - coalesce(max(keep_pages_days), 0) * 86400 as oldest
       from projects where name = $1),
     total as materialized (select sum(bytes) as bytes from kept_pages where project = $1),
     aged as materialized (
       select taskid, time, sum(bytes) over (order by time rows unbounded preceding) - bytes as before
       from (select taskid, time, bytes from kept_pages where project = $1 order by time limit ${PRUNE_ROWS}) as first)
     delete from kept_pages using aged, limits, total
     where kept_pages.project = $1 and kept_pages.taskid = aged.taskid
       and (aged.time < limits.oldest or total.bytes - aged.before > limits.bytes)`,
    [next.project, now],
  );
  return next.project;
}
