/** The scheduler's reads and writes of projects, the inbox and the counters. */

import { MIB } from "../../core/protocol/byte-units.ts";
import type { ScriptInfo } from "../../core/protocol/messages.ts";
import type { LoginProblem, Session } from "../../core/protocol/session.ts";
import type { Skipped } from "../../core/protocol/skipped.ts";
import type { ProjectStatus } from "../../core/protocol/task.ts";
import { MAX_SCRIPT_BYTES } from "../../core/queue/queue.ts";
import { rowsOf, type Sql } from "../../core/store/sql.ts";

/** A project in the scheduler's memory; the script itself stays in the database. */
export interface ScheduledProject {
  name: string;
  /** Free text; the words `delete` and `lock` in it have a meaning. */
  group: string;
  status: ProjectStatus;
  /** Token bucket: tasks per second, and its size in tasks. */
  rate: number;
  burst: number;
  scriptHash: string;
  info: ScriptInfo | null;
  /** The hash of the script that `info` belongs to. */
  infoHash: string;
  /** Unix second up to which `every` has been handled. */
  lastTick: number;
  owesFinished: boolean;
  pausedUntil: number;
  /** Null: none yet, or the script has no `onLogin`. */
  session: Session | LoginProblem | null;
  /** Whether good pages of its tasks are kept. */
  keepsPages: boolean;
  /** Unix seconds of the last change by a user. */
  updatetime: number;
}

const COLUMNS = `name, "group", status, rate, burst, script_hash as "scriptHash", info, info_hash as "infoHash", last_tick as "lastTick",
  owes_finished as "owesFinished", paused_until as "pausedUntil", session,
  keep_pages_mib > 0 as "keepsPages", extract(epoch from updatetime)::float8 as updatetime`;

/** All projects, or those of these names. */
export function readProjects(sql: Sql, names?: string[]): Promise<ScheduledProject[]> {
  if (!names) return sql.query(`select ${COLUMNS} from projects`);
  return sql.query(`select ${COLUMNS} from projects where name in (select name from ${rowsOf("$1", "name text")})`, [
    JSON.stringify(names.map((name) => ({ name }))),
  ]);
}

/** The compiled script; undefined if the project has another one now, or if it is larger than processors accept. */
export async function readCompiled(sql: Sql, project: string, scriptHash: string): Promise<string | undefined> {
  const [row] = await sql.query<{ compiled: string }>(
    "select compiled from projects where name = $1 and script_hash = $2 and octet_length(compiled) <= $3",
    [project, scriptHash, MAX_SCRIPT_BYTES],
  );
  return row?.compiled;
}

export async function saveInfo(sql: Sql, project: string, info: ScriptInfo, hash: string): Promise<void> {
  await sql.query("update projects set info = $2, info_hash = $3 where name = $1", [project, JSON.stringify(info), hash]);
}

/** The scheduler's stored state of projects. */
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

/** A request as stored in the inbox, for the scheduler to check. */
export interface InboxRow {
  id: number;
  /** JSON; null if it is larger than any valid request. */
  text: string | null;
  /** The beginning of the JSON, for people. */
  beginning: string;
}

/** Bytes of one request, and of all requests read at once beyond the first. A body of the REST API is smaller. */
const MAX_REQUEST_BYTES = 4 * MIB;
const BEGINNING_LENGTH = 1_000;
/** Number of unreadable rows that are kept for inspection. */
const REJECTED_KEPT = 1_000;

/** The oldest requests, at most `limit`, without those of `except`. */
export function readInbox(sql: Sql, limit: number, except: number[]): Promise<InboxRow[]> {
  return sql.query(
    `select id, case when bytes <= $3 then text end as text, left(text, ${BEGINNING_LENGTH}) as beginning
     from (
       select id, text, octet_length(text) as bytes, sum(octet_length(text)) over (order by id) as total
       from (
         select id, request::text as text from inbox
         where id not in (select id from ${rowsOf("$2", "id bigint")}) order by id limit $1) oldest) sized
     where total - bytes < $3 order by id`,
    [limit, JSON.stringify(except.map((id) => ({ id }))), MAX_REQUEST_BYTES],
  );
}

/** A row of the inbox that is not a valid request, and the reason. */
export interface RejectedRow extends Pick<InboxRow, "id" | "beginning"> {
  reason: string;
}

/** Moves rows from the inbox to the table for inspection. */
export async function rejectRequests(sql: Sql, rows: RejectedRow[], now: number): Promise<void> {
  await sql.query(
    `insert into rejected_requests (id, request, reason, time)
     select id, beginning, reason, $2 from ${rowsOf("$1", "id bigint, beginning text, reason text")} on conflict do nothing`,
    [JSON.stringify(rows), now],
  );
  await sql.query(
    `delete from rejected_requests where id <= (select id from rejected_requests order by id desc offset ${REJECTED_KEPT} limit 1)`,
  );
  await removeFromInbox(
    sql,
    rows.map(({ id }) => id),
  );
}

/** Requests leave the inbox in the transaction that applies them. */
export async function removeFromInbox(sql: Sql, ids: number[]): Promise<void> {
  await sql.query(`delete from inbox using ${rowsOf("$1", "id bigint")} where inbox.id = input.id`, [
    JSON.stringify(ids.map((id) => ({ id }))),
  ]);
}

/** Removes the project itself if it has not changed since `updatetime`; returns whether it did. */
export async function removeProject(sql: Sql, name: string, updatetime: number): Promise<boolean> {
  const removed = await sql.query("delete from projects where name = $1 and extract(epoch from updatetime)::float8 = $2 returning name", [
    name,
    updatetime,
  ]);
  return removed.length > 0;
}

/** The counts of one transaction, one row per project. */
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
  /** Links that became no tasks. Absent: none. */
  skipped?: Skipped;
}

/** Width of a counter window in seconds: the finest that pyspider shows (libs/counter.py). */
export const COUNTER_WINDOW_SECONDS = 10;

/** Adds to totals and windows. */
export async function addCounters(sql: Sql, rows: CounterRow[], now: number): Promise<void> {
  const at = Math.floor(now / COUNTER_WINDOW_SECONDS) * COUNTER_WINDOW_SECONDS;
  const skipping = rows.filter(({ skipped }) => skipped);
  const added = sql.query(ADD_COUNTERS, [JSON.stringify(rows), at]);
  await Promise.all([added, skipping.length > 0 && sql.query(ADD_SKIPPED, [JSON.stringify(skipping)])]);
}

const ADD_SKIPPED = `update project_totals set skipped = (
    select jsonb_object_agg(reason, links) from (
      select reason, sum(links::bigint) as links from (
        select * from jsonb_each_text(project_totals.skipped) union all select * from json_each_text(input.skipped)) as each (reason, links)
      group by reason) as summed)
  from ${rowsOf("$1", "project text, skipped json")} where project_totals.project = input.project`;

const COUNTED = `project text, pending bigint, success bigint, retry bigint, failed bigint, "fetchMs" double precision, "processMs" double precision,
  "pendingDelta" bigint, "successDelta" bigint, "failedDelta" bigint`;
const ADD_TO_WINDOW = `pending = counters.pending + excluded.pending, success = counters.success + excluded.success,
  retry = counters.retry + excluded.retry, failed = counters.failed + excluded.failed,
  fetch_ms = counters.fetch_ms + excluded.fetch_ms, process_ms = counters.process_ms + excluded.process_ms`;
const ADD_COUNTERS = `with counted as materialized (select * from ${rowsOf("$1", COUNTED)}),
  totals as (
    insert into project_totals (project, pending, success, failed)
    select project, "pendingDelta", "successDelta", "failedDelta" from counted
    on conflict (project) do update set pending = project_totals.pending + excluded.pending,
      success = project_totals.success + excluded.success, failed = project_totals.failed + excluded.failed)
  insert into counters (project, at, pending, success, retry, failed, fetch_ms, process_ms)
  select project, $2, pending, success, retry, failed, "fetchMs", "processMs" from counted
  on conflict (project, at) do update set ${ADD_TO_WINDOW}`;

/** Tasks pending by project, for those that have any. */
export function readPending(sql: Sql): Promise<{ project: string; pending: number }[]> {
  return sql.query("select project, pending from project_totals where pending > 0");
}

/**
 * Older windows are merged to wider ones, so that a day has some 240 windows a project instead of 8,640. A window is merged once no shorter period
 * that is shown can include a part of it.
 */
const MINUTE = { widthSeconds: 60, afterSeconds: 300 + 60 } as const;
const TEN_MINUTES = { widthSeconds: 600, afterSeconds: 3_600 + 600 } as const;
const WIDTH = `case when at < $2 then ${TEN_MINUTES.widthSeconds} else ${MINUTE.widthSeconds} end`;

const MERGE_COUNTERS = `with narrow as (delete from counters where at < $1 and at % (${WIDTH}) <> 0 returning *)
  insert into counters (project, at, pending, success, retry, failed, fetch_ms, process_ms)
  select project, at - at % (${WIDTH}), sum(pending), sum(success), sum(retry), sum(failed), sum(fetch_ms), sum(process_ms)
  from narrow group by 1, 2
  on conflict (project, at) do update set ${ADD_TO_WINDOW}`;

/**
 * Deletes windows older than a day, the longest period that is shown, and merges older ones: of an hour's sum, up to a minute at its beginning may be
 * missing, of a day's ten. For calls every minute.
 *
 * @param now unix seconds.
 */
export async function tidyCounters(sql: Sql, now: number): Promise<void> {
  const second = Math.floor(now);
  const mergeTo = ({ widthSeconds, afterSeconds }: typeof MINUTE | typeof TEN_MINUTES) =>
    Math.floor((second - afterSeconds) / widthSeconds) * widthSeconds;
  await sql.query("delete from counters where at < $1", [second - 86_400 - TEN_MINUTES.widthSeconds]);
  await sql.query(MERGE_COUNTERS, [mergeTo(MINUTE), mergeTo(TEN_MINUTES)]);
}
