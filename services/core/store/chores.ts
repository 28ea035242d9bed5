/** What touches many rows is done in steps: each deletes or restarts at most so many, and says how far it has come. */
import { MESSAGE_TASK_PREFIX, SYSTEM_TASK_PREFIX, TASK_STATUS } from "../task.ts";
import type { Sql } from "./sql.ts";

export interface Chore {
  id: number;
  project: string;
  kind: "clear" | "rerun";
  /** Of a clear: index in CLEARED. */
  stage: number;
  /** The key up to which the stage is done; "" at its beginning. */
  doneTo: string;
}

/** All chores that are not done, the oldest first. */
export function readChores(sql: Sql): Promise<Chore[]> {
  return sql.query('select id, project, kind, stage, done_to as "doneTo" from chores order by id');
}

export async function addChore(sql: Sql, project: string, kind: Chore["kind"]): Promise<Chore> {
  const [chore] = await sql.query<{ id: number }>("insert into chores (project, kind) values ($1, $2) returning id", [project, kind]);
  if (!chore) throw new Error("insert returning gave no row");
  return { id: chore.id, project, kind, stage: 0, doneTo: "" };
}

export async function saveChore(sql: Sql, { id, stage, doneTo }: Chore): Promise<void> {
  await sql.query("update chores set stage = $2, done_to = $3 where id = $1", [id, stage, doneTo]);
}

export async function removeChore(sql: Sql, { id }: Chore): Promise<void> {
  await sql.query("delete from chores where id = $1", [id]);
}

/** Forgets what a project has counted. */
export async function resetCounters(sql: Sql, project: string): Promise<void> {
  for (const table of ["project_totals", "counters"]) await sql.query(`delete from ${table} where project = $1`, [project]);
}

/**
 * What a clear removes, in this order: once no task is left nobody can store a result. The keys follow an index and not `limit` alone, which
 * would look again and again at what the steps before have deleted.
 */
const CLEARED = [
  { table: "tasks", key: "taskid", type: "text" },
  { table: "results", key: "ordinal", type: "bigint" },
  { table: "dead_letters", key: "id", type: "bigint" },
  { table: "host_lines", key: "host", type: "text" },
] as const;

/** One step of a clear, at most `limit` rows; what is to do then, or undefined when all is done. */
export async function clearSome(sql: Sql, chore: Chore, limit: number): Promise<Chore | undefined> {
  const cleared = CLEARED[chore.stage];
  if (!cleared) return undefined;
  const { table, key, type } = cleared;
  const rows = await sql.query<{ key: string }>(
    `with chosen as materialized (
       select ${key} as key from ${table} where project = $1 and ($2 = '' or ${key} > nullif($2, '')::${type}) order by ${key} limit $3),
     deleted as (delete from ${table} using chosen where ${table}.project = $1 and ${table}.${key} = chosen.key)
     select key::text as key from chosen order by chosen.key`,
    [chore.project, chore.doneTo, limit],
  );
  if (rows.length === limit) return { ...chore, doneTo: rows.at(-1)?.key ?? "" };
  return chore.stage + 1 < CLEARED.length ? { ...chore, stage: chore.stage + 1, doneTo: "" } : undefined;
}

/**
 * Makes failed tasks due again with all their tries, messages to the project among them, at most `limit`; ticks that failed stay past.
 *
 * @param now unix seconds.
 */
export async function restartFailed(sql: Sql, chore: Chore, { limit, now }: { limit: number; now: number }): Promise<string[]> {
  const rows = await sql.query<{ taskid: string }>(
    `with chosen as materialized (
       select taskid from tasks where project = $1 and status = ${TASK_STATUS.FAILED} and taskid > $2
         and (not starts_with(taskid, '${SYSTEM_TASK_PREFIX}') or starts_with(taskid, '${MESSAGE_TASK_PREFIX}'))
       order by taskid limit $3),
     restarted as (
       update tasks set status = 1, queue = 1, exetime = 0, retried = 0, attempt = null, postponed = null, ordinal = nextval('task_order'),
         updatetime = $4
       from chosen where tasks.project = $1 and tasks.taskid = chosen.taskid)
     select taskid from chosen order by taskid`,
    [chore.project, chore.doneTo, limit, now],
  );
  return rows.map(({ taskid }) => taskid);
}
