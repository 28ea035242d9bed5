import type { Sql } from "./sql.ts";

/** One result row; `result` is the JSON text as it is stored. */
export interface ResultRow {
  taskid: string;
  url: string;
  index: number;
  result: string;
  /** Newest last; a row that is replaced moves to the end. */
  ordinal: number;
  /** Unix seconds. */
  updatetime: number;
}

/** A page ends early once its results pass this size: a page of large results still fits in a small process. */
const PAGE_BYTES = 4 * 1024 * 1024;
const STREAM_PAGE_ROWS = 500;

/**
 * A page of a project's results, the newest first.
 *
 * @param before where the page begins: `next` of the page before it. `next` is null on the last page.
 */
export async function listResults(
  sql: Sql,
  project: string,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<{ rows: ResultRow[]; next: number | null }> {
  const rows = await sql.query<ResultRow>(NEWEST, [project, before ?? null, limit]);
  const oldest = rows.at(-1)?.ordinal;
  const older = oldest && (await sql.query("select 1 from results where project = $1 and ordinal < $2 limit 1", [project, oldest]));
  return { rows, next: oldest && older && older.length > 0 ? oldest : null };
}

/**
 * All results of a project in pages, ordered by taskid and index: by ordinal, a row that is replaced while the stream runs would come
 * twice or not at all.
 */
export async function* streamResults(sql: Sql, project: string): AsyncGenerator<ResultRow[]> {
  let last: ResultRow | undefined;
  while (true) {
    const page: ResultRow[] = await sql.query<ResultRow>(NEXT_PAGE, [project, last?.taskid ?? "", last?.index ?? -1, STREAM_PAGE_ROWS]);
    last = page.at(-1);
    if (!last) return;
    yield page;
  }
}

const NEWEST = withinBytes(
  "select * from results where project = $1 and ($2::bigint is null or ordinal < $2) order by ordinal desc limit $3",
  "ordinal desc",
);
const NEXT_PAGE = withinBytes(
  "select * from results where project = $1 and (taskid, index) > ($2, $3) order by taskid, index limit $4",
  "taskid, index",
);

/** What a row takes where it is stored tells first how many to look at: to measure its text it has to be read whole. */
function withinBytes(rows: string, order: string): string {
  const before = (size: string) => `sum(${size}) over (order by ${order} rows unbounded preceding) - ${size}`;
  return `select taskid, url, index, result::text as result, ordinal, updatetime from (
      select *, ${before("octet_length(result::text)")} as bytes_before from (
        select *, ${before("pg_column_size(result)")} as stored_before from (${rows}) as chosen
      ) as sized where stored_before < ${PAGE_BYTES}
    ) as measured where bytes_before < ${PAGE_BYTES} order by ${order}`;
}
