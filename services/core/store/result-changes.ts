import type { Sql } from "./sql.ts";

/** Clocks of result workers may differ by as much, and a statement that stores results takes less. */
const MARGIN_SECONDS = 60;

/** The state of a project's results: the end of an export of changes, and the beginning of the next. */
export interface ChangeMarks {
  /** The newest ordinal; 0 without results. */
  newest: number;
  /** No result that is stored later has an ordinal up to this one. */
  settled: number;
}

/**
 * Ordinals are taken before a transaction commits. If no transaction is open, the newest ordinal is settled. Otherwise it is the newest of those that
 * are older than any statement may take: then the next export has the results of the last minute again.
 */
export async function readChangeMarks(sql: Pick<Sql, "query">, project: string): Promise<ChangeMarks> {
  const [marks] = await sql.query<ChangeMarks>(MARKS, [project, MARGIN_SECONDS]);
  return { newest: marks?.newest ?? 0, settled: marks?.settled ?? 0 };
}

const NEWEST = "select ordinal from results where project = $1 order by ordinal desc limit 1";
const MARKS = `select (${NEWEST}) as newest,
  case when pg_snapshot_xmin(pg_current_snapshot()) = pg_snapshot_xmax(pg_current_snapshot()) then (${NEWEST})
    else (select ordinal from results where project = $1 and coalesce(changed, updatetime) < extract(epoch from now()) - $2
      order by ordinal desc limit 1) end as settled`;

/**
 * An ordinal up to which no result changed at `time` or later. Results change in the order of their ordinals, but for the margin of clocks: found by
 * bisection, with some 50 reads of one row.
 *
 * @param time Unix seconds.
 * @param newest the highest ordinal of the project.
 */
export async function ordinalBefore(sql: Pick<Sql, "query">, project: string, time: number, newest: number): Promise<number> {
  let [low, high] = [0, newest];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [row] = await sql.query<{ ordinal: number; changed: number }>(NEXT, [project, middle]);
    if (row && row.changed < time - MARGIN_SECONDS) low = row.ordinal;
    else high = middle;
  }
  return low;
}

const NEXT = `select ordinal, coalesce(changed, updatetime) as changed from results
  where project = $1 and ordinal > $2 order by ordinal limit 1`;
