import { resultTaskid } from "../message-task.ts";
import type { Outcome } from "../messages.ts";
import { type Database, rowsOf, type Sql } from "./sql.ts";

/**
 * Stores the results of a batch in one transaction: for each outcome whose attempt is still the current one, all result rows of the
 * task are replaced (unless `results` is null). When a slow worker and its replacement both finished one attempt, the first run that
 * is stored wins; the same run twice changes nothing.
 *
 * @param now unix seconds.
 * @returns for each outcome, in order: true if it is to be passed on to the scheduler, false if it is stale.
 */
export async function storeOutcomes(database: Database, outcomes: Outcome[], now: number): Promise<boolean[]> {
  const runByAttempt = new Map<number, string>();
  for (const { attempt, run } of outcomes) if (!runByAttempt.has(attempt)) runByAttempt.set(attempt, run);
  const candidates = outcomes.filter(({ attempt, run }) => runByAttempt.get(attempt) === run);
  const current = await database.transaction(async (sql) => {
    const attempts = await claimRuns(sql, candidates);
    const winners = candidates.filter(({ attempt }) => attempts.has(attempt));
    await replaceResults(sql, winners, now);
    await insertDeadLetters(sql, winners, now);
    return attempts;
  });
  return outcomes.map(({ attempt, run }) => current.has(attempt) && runByAttempt.get(attempt) === run);
}

/** The attempts that are current and whose run is the first (or the same again). */
async function claimRuns(sql: Sql, outcomes: Outcome[]): Promise<Set<number>> {
  const rows = outcomes.map(({ project, taskid, attempt, run }) => ({ project, taskid, attempt, run }));
  const claimed = await sql.query<{ attempt: number }>(
    `update tasks set saved_run = input.run from ${rowsOf("$1", "project text, taskid text, attempt bigint, run text")}
     where tasks.project = input.project and tasks.taskid = input.taskid and tasks.attempt = input.attempt
       and (tasks.saved_run is null or tasks.saved_run = input.run)
     returning tasks.attempt`,
    [JSON.stringify(rows.sort(byTask))],
  );
  return new Set(claimed.map(({ attempt }) => attempt));
}

/** Rows are locked in one order everywhere, so that two batches seldom deadlock. */
const byTask = (a: { taskid: string }, b: { taskid: string }) => (a.taskid < b.taskid ? -1 : 1);

async function replaceResults(sql: Sql, outcomes: Outcome[], now: number): Promise<void> {
  const replaced = lastOfEach(outcomes.filter(({ results }) => results !== null));
  if (replaced.length === 0) return;
  const kept = replaced.map(({ project, taskid, results }) => ({ project, taskid, kept: results?.length ?? 0 }));
  await sql.query(
    `delete from results using ${rowsOf("$1", "project text, taskid text, kept integer")}
     where results.project = input.project and results.taskid = input.taskid and results.index >= input.kept`,
    [JSON.stringify(kept)],
  );
  const rows = replaced.flatMap(({ project, taskid, url, results }) =>
    (results ?? []).map((result, index) => ({ project, taskid, url, index, result })),
  );
  if (rows.length === 0) return;
  await sql.query(
    `insert into results (project, taskid, index, url, result, updatetime)
     select project, taskid, index, url, result::json, $2 from ${rowsOf("$1", "project text, taskid text, index integer, url text, result text")}
     on conflict (project, taskid, index) do update
     set url = excluded.url, result = excluded.result, updatetime = excluded.updatetime, ordinal = excluded.ordinal`,
    [JSON.stringify(rows), now],
  );
}

/** By what their rows stand under: of two messages about one URL the last counts. */
function lastOfEach(outcomes: Outcome[]): Pick<Outcome, "project" | "taskid" | "url" | "results">[] {
  const last = new Map<string, Pick<Outcome, "project" | "taskid" | "url" | "results">>();
  for (const { project, url, results, ...outcome } of outcomes) {
    const taskid = resultTaskid({ taskid: outcome.taskid, url });
    last.set(`${project} ${taskid}`, { project, taskid, url, results });
  }
  return [...last.values()];
}

async function insertDeadLetters(sql: Sql, outcomes: Outcome[], now: number): Promise<void> {
  const rows = outcomes.flatMap(({ project, taskid, attempt, dead }) => (dead ? [{ project, taskid, attempt, evidence: dead }] : []));
  if (rows.length === 0) return;
  await sql.query(
    `insert into dead_letters (project, taskid, attempt, evidence, time)
     select project, taskid, attempt, evidence, $2 from ${rowsOf("$1", "project text, taskid text, attempt bigint, evidence json")}
     on conflict (project, taskid, attempt) do nothing`,
    [JSON.stringify(rows), now],
  );
}
