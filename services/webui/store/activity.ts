/** What a project did lately, in steps of equal length, for charts. */
import type { Sql } from "../../core/store/sql.ts";
import { COUNTER_WINDOWS, type CounterWindow } from "./counter-queries.ts";

/** Seconds of a step: multiples of 10, as the counters have, and 30 to 96 steps. */
const STEP_SECONDS: Record<CounterWindow, number> = { "5m": 10, "1h": 60, "1d": 900 };

/** One value a step, the oldest first. */
export interface Activity {
  /** Unix seconds at which the first step begins. */
  from: number;
  /** Of a step. */
  seconds: number;
  success: number[];
  retry: number[];
  failed: number[];
  /** Averages over the tasks that ended in the step; null if none did. */
  fetchMs: (number | null)[];
  processMs: (number | null)[];
}

/** Sums of the counters of one step. */
export interface StepSums {
  /** Unix seconds at which it begins. */
  at: number;
  success: number;
  retry: number;
  failed: number;
  fetchMs: number;
  processMs: number;
}

/**
 * The whole steps of a window.
 *
 * @param now unix seconds.
 */
export async function readActivity(sql: Sql, project: string, { window, now }: { window: CounterWindow; now: number }): Promise<Activity> {
  const seconds = STEP_SECONDS[window];
  const end = Math.floor(now / seconds) * seconds;
  const from = end - COUNTER_WINDOWS[window];
  const sums = await sql.query<StepSums>(
    `select at / $4::bigint * $4::bigint as at, sum(success) as success, sum(retry) as retry, sum(failed) as failed,
       sum(fetch_ms) as "fetchMs", sum(process_ms) as "processMs"
     from counters where project = $1 and at >= $2 and at < $3 group by 1`,
    [project, from, end, seconds],
  );
  return toActivity(sums, { from, seconds, steps: COUNTER_WINDOWS[window] / seconds });
}

/** Steps without counters are 0, and have no averages. */
export function toActivity(
  sums: readonly StepSums[],
  { from, seconds, steps }: { from: number; seconds: number; steps: number },
): Activity {
  const byStart = new Map(sums.map((sum) => [Number(sum.at), sum]));
  const rows = Array.from({ length: steps }, (_, step) => byStart.get(from + step * seconds));
  const counts = (name: "success" | "retry" | "failed") => rows.map((row) => Number(row?.[name] ?? 0));
  const [success, retry, failed] = [counts("success"), counts("retry"), counts("failed")];
  const means = (name: "fetchMs" | "processMs") =>
    rows.map((row, step) => {
      const ended = (success[step] ?? 0) + (retry[step] ?? 0) + (failed[step] ?? 0);
      return row && ended > 0 ? Math.round((Number(row[name]) / ended) * 10) / 10 : null;
    });
  return { from, seconds, success, retry, failed, fetchMs: means("fetchMs"), processMs: means("processMs") };
}
