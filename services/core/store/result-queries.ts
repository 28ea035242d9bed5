import { KIB, MIB } from "../protocol/byte-units.ts";
import type { Sql } from "./sql.ts";

/** One result row; `result` is the JSON text as stored. */
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

/** A result in a list. */
export interface ShownResult extends ResultRow {
  /** Size of the whole JSON text. */
  bytes: number;
  /** Whether `result` is cut. */
  isCut: boolean;
}

/** A page ends early once its results exceed this size, so that a page of large results fits in a small process. */
const PAGE_BYTES = MIB;
/** To measure rows, Postgres reads at most this much of them, compressed. */
const STORED_BYTES = 4 * MIB;
/** Maximum size of one result in a list. */
const SHOWN_BYTES = 64 * KIB;
/** Of a larger result, a list shows this many characters. */
const CUT_LENGTH = 1_000;
const STREAM_PAGE_ROWS = 500;

/**
 * A page of a project's results, the newest first. A result above 64 KiB has only its first 1,000 characters.
 *
 * @param before where the page begins: `next` of the previous page. `next` is null on the last page.
 */
export async function listResults(
  sql: Sql,
  project: string,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<{ rows: ShownResult[]; next: number | null }> {
  const rows = await sql.query<ShownResult>(NEWEST, [project, before ?? null, limit]);
  const oldest = rows.at(-1)?.ordinal;
  const older = oldest && (await sql.query("select 1 from results where project = $1 and ordinal < $2 limit 1", [project, oldest]));
  return { rows, next: oldest && older && older.length > 0 ? oldest : null };
}

/** The first results of one task, at most 500, each as in `listResults`. */
export function listTaskResults(sql: Sql, project: string, taskid: string): Promise<ShownResult[]> {
  return sql.query<ShownResult>(OF_TASK, [project, taskid]);
}

/** One result, not cut; undefined if it does not exist. */
export async function getResult(
  sql: Pick<Sql, "query">,
  project: string,
  { taskid, index }: { taskid: string; index: number },
): Promise<ResultRow | undefined> {
  const [row] = await sql.query<ResultRow>(
    "select taskid, url, index, result::text as result, ordinal, updatetime from results where project = $1 and taskid = $2 and index = $3",
    [project, taskid, index],
  );
  return row;
}

/**
 * All results of a project in pages, ordered by taskid and index. By ordinal, a row that is replaced during the stream would occur twice or
 * not at all.
 */
export async function* streamResults(sql: Pick<Sql, "query">, project: string): AsyncGenerator<ResultRow[]> {
  let last: ResultRow | undefined;
  while (true) {
    const page: ResultRow[] = await sql.query<ResultRow>(NEXT_PAGE, [project, last?.taskid ?? "", last?.index ?? -1, STREAM_PAGE_ROWS]);
    last = page.at(-1);
    if (!last) return;
    yield page;
  }
}

const TEXT = "result::text";
const SHOWN = {
  size: `least(octet_length(${TEXT}), ${SHOWN_BYTES})`,
  columns: `case when bytes > ${SHOWN_BYTES} then left(${TEXT}, ${CUT_LENGTH}) else ${TEXT} end as result, bytes, bytes > ${SHOWN_BYTES} as "isCut"`,
};
const NEWEST = withinBytes({
  rows: "select * from results where project = $1 and ($2::bigint is null or ordinal < $2) order by ordinal desc limit $3",
  order: "ordinal desc",
  ...SHOWN,
});
const OF_TASK = withinBytes({
  rows: "select * from results where project = $1 and taskid = $2 order by index limit 500",
  order: "index",
  ...SHOWN,
});
const NEXT_PAGE = withinBytes({
  rows: "select * from results where project = $1 and (taskid, index) > ($2, $3) order by taskid, index limit $4",
  order: "taskid, index",
  size: `octet_length(${TEXT})`,
  columns: `${TEXT} as result`,
});

/** The stored size of a row limits how many rows to measure: to measure its text, Postgres has to read all of it. */
function withinBytes({ rows, order, size, columns }: Record<"rows" | "order" | "size" | "columns", string>): string {
  const before = (bytes: string) => `sum(${bytes}) over (order by ${order} rows unbounded preceding) - ${bytes}`;
  return `select taskid, url, index, ordinal, updatetime, ${columns} from (
      select *, octet_length(${TEXT}) as bytes, ${before(size)} as bytes_before from (
        select *, ${before("pg_column_size(result)")} as stored_before from (${rows}) as chosen
      ) as sized where stored_before < ${STORED_BYTES}
    ) as measured where bytes_before < ${PAGE_BYTES} order by ${order}`;
}
