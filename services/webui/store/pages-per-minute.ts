import type { Sql } from "../../core/store/sql.ts";

/** The length of a sparkline. */
export const SPARK_MINUTES = 20;

/** The pages of each project in each of the last whole minutes. Postgres is queried at most once a minute. */
export class PagesPerMinute {
  readonly #sql: Sql;
  #minute = Number.NaN;
  #known: Promise<Map<string, number[]>> = Promise.resolve(new Map());

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /**
   * @param now unix seconds.
   * @returns the pages of a project, the oldest minute first; zeros for an unknown one. Rejects if Postgres cannot be queried.
   */
  async read(now: number): Promise<(project: string) => number[]> {
    const minute = Math.floor(now / 60);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#known = readPages(this.#sql, minute);
      this.#known.catch(() => {
        this.#minute = Number.NaN;
      });
    }
    const known = await this.#known;
    return (project) => known.get(project) ?? new Array<number>(SPARK_MINUTES).fill(0);
  }
}

async function readPages(sql: Sql, minute: number): Promise<Map<string, number[]>> {
  const rows = await sql.query<{ project: string; slot: number; pages: number }>(
    `select project, (at / 60 - $1::bigint)::int as slot, sum(success + retry + failed)::float8 as pages
     from counters where at >= $1::bigint * 60 and at < $2::bigint * 60 group by 1, 2`,
    [minute - SPARK_MINUTES, minute],
  );
  const byProject = new Map<string, number[]>();
  for (const { project, slot, pages } of rows) {
    const line = byProject.get(project) ?? new Array<number>(SPARK_MINUTES).fill(0);
    line[slot] = pages;
    byProject.set(project, line);
  }
  return byProject;
}
