/** What the scheduler reads and writes of projects, the inbox and the counters. */
import type { ScriptInfo } from "../messages.ts";
import type { Follow, ProjectState } from "../task.ts";
import { rowsOf, type Sql } from "./sql.ts";

/** A project as the scheduler keeps it in memory; the script itself stays in the database. */
export interface ScheduledProject {
  name: string;
  /** Free text; the words `delete` and `lock` in it mean something. */
  group: string;
  status: ProjectState;
  /** Token bucket: tasks a second, and at most so many at once. */
  rate: number;
  burst: number;
  scriptHash: string;
  info: ScriptInfo | null;
  /** The script that `info` is of. */
  infoHash: string;
  /** Unix second up to which `every` has been served. */
  lastTick: number;
  owesFinished: boolean;
  pausedUntil: number;
  /** Unix seconds of the last change that a user made. */
  updatetime: number;
}

const COLUMNS = `name, "group", status, rate, burst, script_hash as "scriptHash", info, info_hash as "infoHash", last_tick as "lastTick",
  owes_finished as "owesFinished", paused_until as "pausedUntil", extract(epoch from updatetime)::float8 as updatetime`;

/** All projects, or those of these names. */
export function readProjects(sql: Sql, names?: string[]): Promise<ScheduledProject[]> {
  if (!names) return sql.query(`select ${COLUMNS} from projects`);
  return sql.query(`select ${COLUMNS} from projects where name in (select name from ${rowsOf("$1", "name text")})`, [
    JSON.stringify(names.map((name) => ({ name }))),
  ]);
}

/** The compiled script, or undefined if the project has another one by now. */
export async function readCompiled(sql: Sql, project: string, scriptHash: string): Promise<string | undefined> {
  const [row] = await sql.query<{ compiled: string }>("select compiled from projects where name = $1 and script_hash = $2", [
    project,
    scriptHash,
  ]);
  return row?.compiled;
}

export async function saveInfo(sql: Sql, project: string, info: ScriptInfo, hash: string): Promise<void> {
  await sql.query("update projects set info = $2, info_hash = $3 where name = $1", [project, JSON.stringify(info), hash]);
}

/** The scheduler's own notes on projects. */
export interface ProjectNotes {
  name: string;
  lastTick: number;
  owesFinished: boolean;
  pausedUntil: number;
}

export async function saveNotes(sql: Sql, notes: ProjectNotes[]): Promise<void> {
  await sql.query(
    `update projects set last_tick = input."lastTick", owes_finished = input."owesFinished", paused_until = input."pausedUntil"
     from ${rowsOf("$1", 'name text, "lastTick" bigint, "owesFinished" boolean, "pausedUntil" double precision')} where projects.name = input.name`,
    [JSON.stringify(notes)],
  );
}

/** What the web UI and the commands ask of the scheduler. */
export type InboxRequest =
  | { kind: "follows"; project: string; follows: Follow[] }
  | { kind: "project"; project: string }
  /** Run one task again, whatever its state; run all that have FAILED again. */
  | { kind: "rerun"; project: string; taskid: string }
  | { kind: "rerunFailed"; project: string }
  /** Remove all tasks and results; the project itself stays, or is gone already. */
  | { kind: "clear"; project: string }
  | { kind: "delete"; project: string };

export interface InboxRow {
  id: number;
  request: InboxRequest;
}

/** The oldest requests, at most `limit`, without those of `except`. */
export function readInbox(sql: Sql, limit: number, except: number[]): Promise<InboxRow[]> {
  return sql.query(`select id, request from inbox where id not in (select id from ${rowsOf("$2", "id bigint")}) order by id limit $1`, [
    limit,
    JSON.stringify(except.map((id) => ({ id }))),
  ]);
}

/** Requests leave the inbox in the transaction that applies them. */
export async function removeFromInbox(sql: Sql, ids: number[]): Promise<void> {
  await sql.query(`delete from inbox using ${rowsOf("$1", "id bigint")} where inbox.id = input.id`, [
    JSON.stringify(ids.map((id) => ({ id }))),
  ]);
}

/** Removes the project itself, if nobody has changed it since `updatetime`; answers whether it did. */
export async function removeProject(sql: Sql, name: string, updatetime: number): Promise<boolean> {
  const removed = await sql.query("delete from projects where name = $1 and extract(epoch from updatetime)::float8 = $2 returning name", [
    name,
    updatetime,
  ]);
  return removed.length > 0;
}

/** What happened in one transaction, a row a project. */
export interface CounterRow {
  project: string;
  /** Changes of the totals. */
  pendingDelta: number;
  successDelta: number;
  failedDelta: number;
  /** Events, for the windows. */
  pending: number;
  success: number;
  retry: number;
  failed: number;
  fetchMs: number;
  processMs: number;
}

/** Width of a counter window in seconds: the finest that pyspider shows (libs/counter.py). */
export const COUNTER_WINDOW_SECONDS = 10;

/** Adds to totals and windows. */
export async function addCounters(sql: Sql, rows: CounterRow[], now: number): Promise<void> {
  const at = Math.floor(now / COUNTER_WINDOW_SECONDS) * COUNTER_WINDOW_SECONDS;
  await sql.query(ADD_COUNTERS, [JSON.stringify(rows), at]);
}

const COUNTED = `project text, pending bigint, success bigint, retry bigint, failed bigint, "fetchMs" double precision, "processMs" double precision,
  "pendingDelta" bigint, "successDelta" bigint, "failedDelta" bigint`;
const ADD_COUNTERS = `with counted as materialized (select * from ${rowsOf("$1", COUNTED)}),
  totals as (
    insert into project_totals (project, pending, success, failed)
    select project, "pendingDelta", "successDelta", "failedDelta" from counted
    on conflict (project) do update set pending = project_totals.pending + excluded.pending,
      success = project_totals.success + excluded.success, failed = project_totals.failed + excluded.failed)
  insert into counters (project, at, pending, success, retry, failed, fetch_ms, process_ms)
  select project, $2, pending, success, retry, failed, "fetchMs", "processMs" from counted
  on conflict (project, at) do update set pending = counters.pending + excluded.pending, success = counters.success + excluded.success,
    retry = counters.retry + excluded.retry, failed = counters.failed + excluded.failed,
    fetch_ms = counters.fetch_ms + excluded.fetch_ms, process_ms = counters.process_ms + excluded.process_ms`;

/** Tasks pending by project, for those that have any. */
export function readPending(sql: Sql): Promise<{ project: string; pending: number }[]> {
  return sql.query("select project, pending from project_totals where pending > 0");
}

/** Forgets windows older than a day, the longest that is shown. */
export async function dropOldCounters(sql: Sql, now: number): Promise<void> {
  await sql.query("delete from counters where at < $1", [Math.floor(now) - 86_400 - COUNTER_WINDOW_SECONDS]);
}
