import { resultTaskid } from "../core/protocol/message-task.ts";
import type { Outcome } from "../core/protocol/messages.ts";
import { type Database, jsonText, rowsOf, type Sql } from "../core/store/sql.ts";

/**
 * Stores the results of a batch, all or nothing: for each outcome whose attempt is still the current one, all result rows of the task are
 * replaced (unless `results` is null). If a slow worker and its replacement both finished one attempt, the first stored run is kept. Storing the
 * same run twice changes nothing.
 *
 * @param now unix seconds.
 * @returns for each outcome, in order: true if it goes on to the scheduler, false if it is stale.
 */
export async function storeOutcomes(database: Database, outcomes: Outcome[], now: number): Promise<boolean[]> {
  const runByAttempt = new Map<number, string>();
  for (const { attempt, run } of outcomes) if (!runByAttempt.has(attempt)) runByAttempt.set(attempt, run);
  const candidates = outcomes.filter(({ attempt, run }) => runByAttempt.get(attempt) === run);
  const current = await storeRuns(database, candidates, now);
  return outcomes.map(({ attempt, run }) => current.has(attempt) && runByAttempt.get(attempt) === run);
}

/** The current attempts whose run is the first (or the same again). Nearly always one statement, and so one round trip. */
async function storeRuns(database: Database, outcomes: Outcome[], now: number): Promise<Set<number>> {
  const parts = withoutRepeats(outcomes);
  const [only] = parts;
  if (parts.length === 1 && only && !only.some(({ dead, keptPage }) => dead || keptPage)) return storePart(database, only, now);
  return database.transaction(async (sql) => {
    const current = new Set<number>();
    for (const part of parts) for (const attempt of await storePart(sql, part, now)) current.add(attempt);
    const stored = outcomes.filter(({ attempt }) => current.has(attempt));
    await insertDeadLetters(sql, stored, now);
    await keepPages(sql, stored, now);
    return current;
  });
}

/** Split so that no part has a result row twice, in order: results of the later of two messages about one URL replace those of the earlier. */
function withoutRepeats(outcomes: Outcome[]): Outcome[][] {
  const parts: Outcome[][] = [];
  const timesSeen = new Map<string, number>();
  for (const outcome of outcomes) {
    const key = `${outcome.project} ${resultTaskid(outcome)}`;
    const times = timesSeen.get(key) ?? 0;
    timesSeen.set(key, times + 1);
    parts[times] ??= [];
    parts[times].push(outcome);
  }
  return parts;
}

async function storePart(sql: Sql, outcomes: Outcome[], now: number): Promise<Set<number>> {
  // Rows are locked in the same order everywhere, so that deadlocks of two batches are rare.
  const inOrder = outcomes.toSorted((a, b) => (a.taskid < b.taskid ? -1 : 1));
  const runs = inOrder.map((outcome) => {
    const { project, taskid, attempt, run, url, results } = outcome;
    return { project, taskid, attempt, run, place: resultTaskid(outcome), url, kept: results?.length ?? null };
  });
  const rows = inOrder.flatMap(({ attempt, results }) => (results ?? []).map((result, index) => ({ attempt, index, result })));
  const stored = await sql.query<{ attempt: number }>(STORE_RUNS, [JSON.stringify(runs), JSON.stringify(rows), now]);
  return new Set(stored.map(({ attempt }) => attempt));
}

/** A run that stores what is there does not change it: the row keeps its place, and an export of changes does not have it. */
const IS_SAME = "results.url = excluded.url and results.result::text = excluded.result::text";
const STORE_RUNS = `with won as (
    update tasks set saved_run = input.run
    from ${rowsOf("$1", "project text, taskid text, attempt bigint, run text, place text, url text, kept integer")}
    where tasks.project = input.project and tasks.taskid = input.taskid and tasks.attempt = input.attempt
      and (tasks.saved_run is null or tasks.saved_run = input.run)
    returning tasks.project, tasks.attempt, input.place, input.url, input.kept),
  shortened as (
    delete from results using won where results.project = won.project and results.taskid = won.place and results.index >= won.kept),
  written as (
    insert into results (project, taskid, index, url, result, updatetime, changed)
    select won.project, won.place, input.index, won.url, input.result::json, $3, $3
    from ${rowsOf("$2", "attempt bigint, index integer, result text")} join won using (attempt)
    on conflict (project, taskid, index) do update
    set url = excluded.url, result = excluded.result, updatetime = excluded.updatetime,
      ordinal = case when ${IS_SAME} then results.ordinal else excluded.ordinal end,
      changed = case when ${IS_SAME} then coalesce(results.changed, results.updatetime) else excluded.changed end)
  select attempt from won`;

async function insertDeadLetters(sql: Sql, outcomes: Outcome[], now: number): Promise<void> {
  const rows = outcomes.flatMap(({ project, taskid, attempt, dead }) =>
    dead ? [{ project, taskid, attempt, evidence: jsonText(dead) }] : [],
  );
  if (rows.length === 0) return;
  await sql.query(
    `insert into dead_letters (project, taskid, attempt, evidence, time)
     select project, taskid, attempt, evidence::json, $2 from ${rowsOf("$1", "project text, taskid text, attempt bigint, evidence text")}
     on conflict (project, taskid, attempt) do nothing`,
    [JSON.stringify(rows), now],
  );
}

async function keepPages(sql: Sql, outcomes: Outcome[], now: number): Promise<void> {
  const rows = outcomes.flatMap(({ project, taskid, keptPage }) => (keptPage === undefined ? [] : [{ project, taskid, page: keptPage }]));
  if (rows.length === 0) return;
  await sql.query(
    `insert into kept_pages (project, taskid, page, bytes, time)
     select project, taskid, decode(page, 'base64'), octet_length(decode(page, 'base64')), $2
     from ${rowsOf("$1", "project text, taskid text, page text")} order by project, taskid
     on conflict (project, taskid) do update set page = excluded.page, bytes = excluded.bytes, time = excluded.time`,
    [JSON.stringify(rows), now],
  );
}
