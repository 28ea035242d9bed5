/** The report of `./orb run` on a crawl, during it and at its end. */
import type { TaskError } from "../core/protocol/messages.ts";
import { describeSkipped, type Skipped } from "../core/protocol/skipped.ts";
import { INFO_TASKID, START_TASKID, TASK_QUEUE, TASK_STATUS } from "../core/protocol/task.ts";
import { indentedText } from "../core/protocol/visible-text.ts";
import type { Sql } from "../core/store/sql.ts";
import { EXIT } from "./exit-codes.ts";
import { NEVER_RUN, type RunState } from "./run-state.ts";

/** One task that failed permanently. */
export interface FailedTask {
  taskid: string;
  url: string;
  error: TaskError;
}

export interface RunReport {
  /** Pages crawled, failed ones included. Retries and the platform's own tasks do not count. */
  pages: number;
  /** Result rows of the project. */
  results: number;
  /** Tasks that failed permanently. */
  failed: number;
  /** Links that became no tasks. */
  skipped: Skipped;
  seconds: number;
  /** The first failed tasks, the start before all others. */
  failures: FailedTask[];
  /** The start, the script's own declarations or a callback failed permanently: the author has to correct the script. */
  isScriptsFault: boolean;
  isInterrupted: boolean;
  /** Too many tasks in a row failed, and those that were tried five minutes later, too. */
  isGivenUp: boolean;
  /** Why the project could not log in. */
  loginProblem: string | null;
  /** Tasks that have not ended. */
  left: number;
  /** Tasks that were not crawled because of their `exetime`. */
  early: number;
}

/** Failures shown in the summary. */
const SHOWN_FAILURES = 5;

/** Counts the results of a run. `since`: unix seconds of its start. */
export async function readReport(
  sql: Sql,
  project: string,
  { since, ...ending }: { since: number } & Pick<RunReport, "isInterrupted" | "isGivenUp">,
): Promise<RunReport> {
  const [counts] = await sql.query<Pick<RunReport, "pages" | "failed" | "isScriptsFault">>(
    `select count(*) filter (where url not like 'data:%' and (queue is null or retried > 0)) as pages, count(*) filter (where status in ($3, $4)) as failed,
       coalesce(bool_or(taskid in ($5, $6) or starts_with(track->'process'->'error'->>'code', 'E_SCRIPT')) filter (where status in ($3, $4)), false)
         as "isScriptsFault"
     from tasks where project = $1 and updatetime >= $2 and track is not null`,
    [project, since, TASK_STATUS.FAILED, TASK_STATUS.BAD, START_TASKID, INFO_TASKID],
  );
  const [results] = await sql.query<{ rows: number }>("select count(*) as rows from results where project = $1", [project]);
  const [totals] = await sql.query<{ skipped: Skipped; pending: number }>(
    "select skipped, pending from project_totals where project = $1",
    [project],
  );
  const [waiting] = await sql.query<{ early: number }>(
    `select count(*) as early from tasks where project = $1 and queue = ${TASK_QUEUE.waiting} and ${NEVER_RUN}`,
    [project],
  );
  const [state] = await sql.query<Pick<RunReport, "loginProblem">>(
    `select session->>'problem' as "loginProblem" from projects where name = $1`,
    [project],
  );
  const failures = await readFailures(sql, project, since);
  return {
    pages: counts?.pages ?? 0,
    results: results?.rows ?? 0,
    failed: counts?.failed ?? 0,
    skipped: totals?.skipped ?? {},
    seconds: Date.now() / 1_000 - since,
    failures,
    isScriptsFault: counts?.isScriptsFault ?? false,
    loginProblem: state?.loginProblem ?? null,
    left: totals?.pending ?? 0,
    early: waiting?.early ?? 0,
    ...ending,
  };
}

async function readFailures(sql: Sql, project: string, since: number): Promise<FailedTask[]> {
  const rows = await sql.query<{ taskid: string; url: string; process: TaskError | null; fetch: TaskError | null }>(
    `select taskid, url, track->'process'->'error' as process, track->'fetch'->'error' as fetch from tasks
     where project = $1 and updatetime >= $2 and status in ($3, $4) and track is not null
     order by taskid <> $5, ordinal limit $6`,
    [project, since, TASK_STATUS.FAILED, TASK_STATUS.BAD, START_TASKID, SHOWN_FAILURES],
  );
  const unknown: TaskError = { code: "E_INTERNAL", message: "no reason was recorded", retryable: false };
  return rows.map(({ taskid, url, process, fetch }) => ({ taskid, url, error: process ?? fetch ?? unknown }));
}

/** 130 when interrupted; 1 when the run was given up, when no login succeeded, when nothing could be crawled, the start failed, or the script itself failed on a page; otherwise 0, also when pages failed. */
export function exitCodeOfRun({ isInterrupted, isGivenUp, loginProblem, isScriptsFault, pages, failed, results }: RunReport): number {
  if (isInterrupted) return EXIT.interrupted;
  if (isGivenUp || loginProblem !== null) return EXIT.failed;
  const hasNothing = failed > 0 && failed >= pages && results === 0;
  return hasNothing || isScriptsFault ? EXIT.failed : EXIT.ok;
}

/** The one line of `--json`. */
export const jsonLine = ({ pages, results, failed, early, skipped, seconds }: RunReport): string =>
  `${JSON.stringify({ pages, results, failed, early, skipped, seconds: Math.round(seconds * 1_000) / 1_000 })}\n`;

/** The summary for people at the end. */
export function summaryText(report: RunReport, out: string | undefined): string {
  const { pages, results, failed, skipped, seconds, failures } = report;
  const reasons = describeSkipped(skipped);
  const speed = seconds > 0 ? `, ${perSecond(pages, seconds)} pages/s` : "";
  const more = failed - failures.length;
  return [
    ...(report.loginProblem === null
      ? []
      : [indentedText(`three logins failed: ${report.loginProblem}; ${report.left} tasks were not crawled`)]),
    ...(report.isGivenUp ? [givenUpText(report)] : []),
    `${endText(report)} ${seconds.toFixed(1)} s: ${pages} pages, ${results} results, ${failed} failed${speed}`,
    ...(report.early > 0 ? [earlyText(report)] : []),
    ...(reasons === "" ? [] : [`links skipped: ${reasons}`]),
    ...(out === undefined ? [] : [`results: ${out}`]),
    ...failures.map((failure) => indentedText(`  ${failureLine(failure)}`)),
    ...(more > 0 ? [`  … and ${more} more`] : []),
    "",
  ].join("\n");
}

function endText({ isInterrupted, isGivenUp }: RunReport): string {
  if (isInterrupted) return "interrupted after";
  return isGivenUp ? "given up after" : "done in";
}

const earlyText = ({ early }: RunReport) =>
  `${early} tasks wait for their exetime and were not crawled: run the script in ./orb start, which waits for it`;

const givenUpText = ({ left }: RunReport) =>
  `too many tasks in a row failed, and those that were tried 5 minutes later, too: ${left} tasks were not crawled`;

/** With one decimal below 10. */
const perSecond = (count: number, seconds: number): string => (count / seconds).toFixed(count / seconds < 10 ? 1 : 0);

function failureLine({ taskid, url, error }: FailedTask): string {
  const text = `${error.message} (${error.code})`;
  if (taskid === START_TASKID) return `onStart: ${text}`;
  if (taskid === INFO_TASKID) return `when it is loaded: ${text}`;
  return text.startsWith(url) ? text : `${url}: ${text}`;
}

/** One line of progress, without a line break. */
export function progressText({ pending, success, failed }: Pick<RunState, "pending" | "success" | "failed">, seconds: number): string {
  const done = success + failed;
  return `${Math.round(seconds)} s: ${done} done, ${pending} to do, ${failed} failed, ${perSecond(done, Math.max(seconds, 0.001))}/s`;
}
