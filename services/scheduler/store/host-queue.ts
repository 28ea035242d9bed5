/** Queues of tasks that wait for their host, one batch per statement. All statements run inside the scheduler's fenced transaction. */
import { TASK_QUEUE } from "../../core/protocol/task.ts";
import { rowsOf, type Sql } from "../../core/store/sql.ts";
import { type DispatchLimit, QUEUE, type TaskKey } from "./scheduling.ts";

export interface LineKey {
  project: string;
  host: string;
}

/** A host's queue; its next task may go at `opensAt` (unix seconds). */
export interface Line extends LineKey {
  opensAt: number;
}

/** Moves due tasks to the queues of their hosts. */
export async function joinLines(sql: Sql, tasks: (TaskKey & Line)[]): Promise<void> {
  await sql.query(
    `with lined as (select * from ${rowsOf("$1", 'project text, taskid text, host text, "opensAt" double precision')}),
     moved as (
       update tasks set queue = ${TASK_QUEUE.hostBlocked}, host = lined.host from lined
       where tasks.project = lined.project and tasks.taskid = lined.taskid and ${QUEUE} = ${TASK_QUEUE.due})
     insert into host_lines (project, host, opens_at)
     select project, host, max("opensAt") from lined group by project, host
     on conflict (project, host) do update set opens_at = excluded.opens_at`,
    [JSON.stringify(tasks)],
  );
}

/** Host queues that are open at `now`: at most `count` per project, those open for longest first. */
export function readOpenLines(sql: Sql, dispatchLimits: DispatchLimit[], now: number): Promise<LineKey[]> {
  return sql.query(
    `select line.project, line.host from ${rowsOf("$1", "project text, count integer")}
     cross join lateral (
       select project, host from host_lines where host_lines.project = input.project and opens_at <= $2
       order by opens_at limit input.count) line`,
    [JSON.stringify(dispatchLimits), now],
  );
}

/** Makes the most urgent `count` tasks of each host queue due again, at their old place; returns the host of each moved task. */
export function takeFromLines(sql: Sql, lines: (LineKey & { count: number })[]): Promise<LineKey[]> {
  return sql.query(
    `update tasks set queue = ${TASK_QUEUE.due}
     from ${rowsOf("$1", "project text, host text, count integer")}
     cross join lateral (
       select project, taskid from tasks as waiting
       where waiting.project = input.project and waiting.host = input.host and waiting.queue = ${TASK_QUEUE.hostBlocked}
       order by priority desc, ordinal limit input.count) first
     where tasks.project = first.project and tasks.taskid = first.taskid
     returning tasks.project, tasks.host`,
    [JSON.stringify(lines)],
  );
}

/** Host queues that do not exist are not created. */
export async function setLineTimes(sql: Sql, lines: Line[]): Promise<void> {
  await sql.query(
    `update host_lines set opens_at = input."opensAt" from ${rowsOf("$1", 'project text, host text, "opensAt" double precision')}
     where host_lines.project = input.project and host_lines.host = input.host`,
    [JSON.stringify(lines)],
  );
}

/** Deletes empty host queues. */
export async function dropLines(sql: Sql, lines: LineKey[]): Promise<void> {
  await sql.query(
    `delete from host_lines using ${rowsOf("$1", "project text, host text")}
     where host_lines.project = input.project and host_lines.host = input.host`,
    [JSON.stringify(lines)],
  );
}

/** Opens all host queues of a project, after its host limits have changed. */
export async function openAllLines(sql: Sql, project: string, now: number): Promise<void> {
  await sql.query("update host_lines set opens_at = $2 where project = $1 and opens_at > $2", [project, now]);
}

/** When the first host queue of each of these projects opens; null without a queue. One index probe per project. */
export function readFirstOpening(sql: Sql, projects: string[]): Promise<{ project: string; opensAt: number | null }[]> {
  return sql.query(
    `select name as project, (select min(opens_at) from host_lines where host_lines.project = input.name) as "opensAt"
     from ${rowsOf("$1", "name text")}`,
    [JSON.stringify(projects.map((name) => ({ name })))],
  );
}

/** The projects that have host queues; one index probe per project. */
export async function projectsWithLines(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    "select name from projects where exists (select 1 from host_lines where host_lines.project = projects.name)",
  );
  return rows.map(({ name }) => name);
}
