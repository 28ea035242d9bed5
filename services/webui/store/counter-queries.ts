import type { Skipped } from "../../core/protocol/skipped.ts";
import type { Sql } from "../../core/store/sql.ts";

/** Events within a window. */
export interface WindowCounts {
  /** New or renewed tasks. */
  pending: number;
  success: number;
  retry: number;
  failed: number;
  /** Averages over the tasks that ended in the window; 0 if none ended. */
  fetchMs: number;
  processMs: number;
}

/** The number of tasks by state. */
export interface TotalCounts {
  pending: number;
  success: number;
  failed: number;
  /** Links that became no tasks, by reason. */
  skipped: Skipped;
}

export const COUNTER_WINDOWS = { "5m": 300, "1h": 3_600, "1d": 86_400 } as const;
export type CounterWindow = keyof typeof COUNTER_WINDOWS;

/** The four columns of pyspider's dashboard. */
export type ProjectCounters = Record<CounterWindow, WindowCounts> & { all: TotalCounts };

const NO_EVENTS: WindowCounts = { pending: 0, success: 0, retry: 0, failed: 0, fetchMs: 0, processMs: 0 };
const NO_TASKS: TotalCounts = { pending: 0, success: 0, failed: 0, skipped: {} };
/** Of a project without tasks. */
export const NO_COUNTERS: ProjectCounters = { "5m": NO_EVENTS, "1h": NO_EVENTS, "1d": NO_EVENTS, all: NO_TASKS };
export const COUNTER_WINDOW_NAMES = Object.keys(COUNTER_WINDOWS) as CounterWindow[];

/**
 * Counters of every project that has any, by project name.
 *
 * @param now unix seconds.
 */
export async function readCounters(sql: Sql, now: number): Promise<Record<string, ProjectCounters>> {
  const sums = await sql.query<WindowSums>(SUMS, [Math.floor(now)]);
  const totals = await sql.query<TotalCounts & { project: string }>(
    "select project, pending, success, failed, skipped from project_totals",
  );
  const byProject: Record<string, ProjectCounters> = Object.create(null);
  for (const { project, ...all } of totals) entryOf(byProject, project).all = all;
  for (const row of sums) entryOf(byProject, row.project)[row.window] = toCounts(row);
  return byProject;
}

/** Totals of one project; zeros if it has no tasks. */
export async function readTotals(sql: Pick<Sql, "query">, project: string): Promise<TotalCounts> {
  const [totals] = await sql.query<TotalCounts>("select pending, success, failed, skipped from project_totals where project = $1", [
    project,
  ]);
  return totals ?? NO_TASKS;
}

interface WindowSums extends WindowCounts {
  project: string;
  window: CounterWindow;
}

const SUMS = COUNTER_WINDOW_NAMES.map(
  (window) => `select project, '${window}' as window, sum(pending) as pending, sum(success) as success, sum(retry) as retry,
      sum(failed) as failed, sum(fetch_ms) as "fetchMs", sum(process_ms) as "processMs"
    from counters where at > $1::bigint - ${COUNTER_WINDOWS[window]} group by project`,
).join(" union all ");

function entryOf(byProject: Record<string, ProjectCounters>, project: string): ProjectCounters {
  byProject[project] ??= { ...NO_COUNTERS };
  return byProject[project];
}

function toCounts({ pending, success, retry, failed, fetchMs, processMs }: WindowSums): WindowCounts {
  const ended = success + retry + failed;
  // To a tenth of a millisecond: more digits would change all the time.
  const mean = (sum: number) => (ended > 0 ? Math.round((sum / ended) * 10) / 10 : 0);
  return { pending, success, retry, failed, fetchMs: mean(fetchMs), processMs: mean(processMs) };
}
