/** Lines of tasks that wait for their host, a batch a statement. All of it runs inside the scheduler's fenced transaction. */
import { type Allowance, QUEUE, type TaskKey } from "./scheduling.ts";
import { rowsOf, type Sql } from "./sql.ts";

export interface LineKey {
  project: string;
  host: string;
}

/** A host's line; the next of it may go at `opensAt` (unix seconds). */
export interface Line extends LineKey {
  opensAt: number;
}

/** Puts due tasks in line for their hosts. */
export async function joinLines(sql: Sql, tasks: (TaskKey & Line)[]): Promise<void> {
  await sql.query(
    `with lined as (select * from ${rowsOf("$1", 'project text, taskid text, host text, "opensAt" double precision')}),
     moved as (
       update tasks set queue = 4, host = lined.host from lined
       where tasks.project = lined.project and tasks.taskid = lined.taskid and ${QUEUE} = 1)
     insert into host_lines (project, host, opens_at)
     select project, host, max("opensAt") from lined group by project, host
     on conflict (project, host) do update set opens_at = excluded.opens_at`,
    [JSON.stringify(tasks)],
  );
}

/** Lines that are open at `now`, of each project at most `count`, those first that have been so the longest. */
export function readOpenLines(sql: Sql, allowances: Allowance[], now: number): Promise<LineKey[]> {
  return sql.query(
    `select line.project, line.host from ${rowsOf("$1", "project text, count integer")}
     cross join lateral (
       select project, host from host_lines where host_lines.project = input.project and opens_at <= $2
       order by opens_at limit input.count) line`,
    [JSON.stringify(allowances), now],
  );
}

/** Makes the most urgent `count` of each line due again, at their old place; answers the host of each that there was. */
export function takeFromLines(sql: Sql, lines: (LineKey & { count: number })[]): Promise<LineKey[]> {
  return sql.query(
    `update tasks set queue = 1
     from ${rowsOf("$1", "project text, host text, count integer")}
     cross join lateral (
       select project, taskid from tasks as waiting where waiting.project = input.project and waiting.host = input.host and waiting.queue = 4
       order by priority desc, ordinal limit input.count) first
     where tasks.project = first.project and tasks.taskid = first.taskid
     returning tasks.project, tasks.host`,
    [JSON.stringify(lines)],
  );
}

/** Lines that are not there stay so. */
export async function setLineTimes(sql: Sql, lines: Line[]): Promise<void> {
  await sql.query(
    `update host_lines set opens_at = input."opensAt" from ${rowsOf("$1", 'project text, host text, "opensAt" double precision')}
     where host_lines.project = input.project and host_lines.host = input.host`,
    [JSON.stringify(lines)],
  );
}

/** For lines that nobody stands in any more. */
export async function dropLines(sql: Sql, lines: LineKey[]): Promise<void> {
  await sql.query(
    `delete from host_lines using ${rowsOf("$1", "project text, host text")}
     where host_lines.project = input.project and host_lines.host = input.host`,
    [JSON.stringify(lines)],
  );
}

/** Opens all lines of a project: it treats its hosts otherwise now. */
export async function openAllLines(sql: Sql, project: string, now: number): Promise<void> {
  await sql.query("update host_lines set opens_at = $2 where project = $1 and opens_at > $2", [project, now]);
}

/** When the first line of each of these projects opens; null where there is no line. One index probe a project. */
export function readFirstOpening(sql: Sql, projects: string[]): Promise<{ project: string; opensAt: number | null }[]> {
  return sql.query(
    `select name as project, (select min(opens_at) from host_lines where host_lines.project = input.name) as "opensAt"
     from ${rowsOf("$1", "name text")}`,
    [JSON.stringify(projects.map((name) => ({ name })))],
  );
}

/** The projects that have lines; one index probe a project. */
export async function projectsWithLines(sql: Sql): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    "select name from projects where exists (select 1 from host_lines where host_lines.project = projects.name)",
  );
  return rows.map(({ name }) => name);
}
