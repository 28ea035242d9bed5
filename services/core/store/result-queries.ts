import { KIB, MIB } from "../protocol/byte-units.ts";
import type { Sql } from "./sql.ts";

/** One result row; `result` is the JSON text as stored. */
export interface ResultRow {
  taskid: string;
  url: string;
  index: number;
  result: string;
  /** Newest last; a row that gets another result moves to the end. */
  ordinal: number;
  /** Unix seconds of the last run that stored it. */
  updatetime: number;
  /** Unix seconds since when the row has this result. */
  changed: number;
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
/** To measure or search rows, Postgres reads at most this much of them, compressed. */
const STORED_BYTES = 4 * MIB;
/** Maximum size of one result in a list. */
const SHOWN_BYTES = 64 * KIB;
/** Of a larger result, a list shows this many characters. */
const CUT_LENGTH = 1_000;
const STREAM_PAGE_ROWS = 500;
/** Rows that one search reads: some 100 ms of Postgres' time. */
const SEARCHED_ROWS = 20_000;

export interface ResultPageRequest {
  /** Where the page begins: `next` of the previous page. */
  before?: number | undefined;
  /** At most 500. */
  limit: number;
  /** Only rows whose URL or JSON has this text; capitals count as small letters, those beyond A to Z as the database's locale says. */
  search?: string | undefined;
}

/**
 * A page of a project's results, the newest first. A result above 64 KiB has only its first 1,000 characters.
 *
 * @returns `next` is null on the last page. A page of a search may have few rows, or none, and still a `next`: a search reads 20,000 rows at
 * most, so that its cost has a limit.
 */
export async function listResults(
  sql: Sql,
  project: string,
  { before, limit, search }: ResultPageRequest,
): Promise<{ rows: ShownResult[]; next: number | null }> {
  if (search !== undefined) return searchResults(sql, project, { before, limit, search });
  const rows = await sql.query<ShownResult>(NEWEST, [project, before ?? null, limit]);
  return { rows, next: await hasOlder(sql, project, rows.at(-1)?.ordinal) };
}

/** `ordinal`, if there are older rows than that. */
async function hasOlder(sql: Sql, project: string, ordinal: number | undefined): Promise<number | null> {
  if (ordinal === undefined) return null;
  const older = await sql.query("select 1 from results where project = $1 and ordinal < $2 limit 1", [project, ordinal]);
  return older.length > 0 ? ordinal : null;
}

async function searchResults(sql: Sql, project: string, { before, limit, search }: ResultPageRequest & { search: string }) {
  const [window] = await sql.query<{ oldest: number | null }>(SEARCH_WINDOW, [project, before ?? null]);
  const oldest = window?.oldest ?? undefined;
  if (oldest === undefined) return { rows: [], next: null };
  const inJson = JSON.stringify(search).slice(1, -1);
  const rows = await sql.query<ShownResult>(FOUND, [project, before ?? null, limit, oldest, search, inJson]);
  const isFull = rows.length === limit || rows.reduce((sum, { bytes }) => sum + Math.min(bytes, SHOWN_BYTES), 0) >= PAGE_BYTES;
  return { rows, next: await hasOlder(sql, project, isFull ? rows.at(-1)?.ordinal : oldest) };
}

/** The number of a project's results. Reads an entry of an index for each. */
export async function countResults(sql: Sql, project: string): Promise<number> {
  const [row] = await sql.query<{ count: number }>("select count(*) as count from results where project = $1", [project]);
  return row?.count ?? 0;
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
    `select taskid, url, index, result::text as result, ordinal, updatetime, coalesce(changed, updatetime) as changed
     from results where project = $1 and taskid = $2 and index = $3`,
    [project, taskid, index],
  );
  return row;
}

/**
 * All results of a project in pages, ordered by taskid and index. By ordinal, a row that is replaced during the stream would occur twice or
 * not at all.
 *
 * @param notSince only rows that were last stored before this time, in Unix seconds.
 */
export async function* streamResults(sql: Pick<Sql, "query">, project: string, notSince = Infinity): AsyncGenerator<ResultRow[]> {
  let last: ResultRow | undefined;
  while (true) {
    const place = [last?.taskid ?? "", last?.index ?? -1];
    const page: ResultRow[] = await sql.query<ResultRow>(NEXT_PAGE, [project, ...place, STREAM_PAGE_ROWS, notSince]);
    last = page.at(-1);
    if (!last) return;
    yield page;
  }
}

/** Part of a project's results, by the order in which they changed. */
export interface ChangedRange {
  /** After this ordinal. */
  after: number;
  /** Up to this one, included. */
  upTo: number;
  /** And changed at this time or later, in Unix seconds. */
  notBefore: number;
}

/** The results of a range in pages, in the order in which they changed. A result that changes during the stream leaves the range. */
export async function* streamChanges(
  sql: Pick<Sql, "query">,
  project: string,
  { after, upTo, notBefore }: ChangedRange,
): AsyncGenerator<ResultRow[]> {
  let last = after;
  while (true) {
    const page: ResultRow[] = await sql.query<ResultRow>(NEXT_CHANGES, [project, last, upTo, STREAM_PAGE_ROWS, notBefore]);
    const end = page.at(-1);
    if (!end) return;
    last = end.ordinal;
    yield page;
  }
}

const TEXT = "result::text";
const SHOWN = {
  order: "ordinal desc",
  size: `least(octet_length(${TEXT}), ${SHOWN_BYTES})`,
  columns: `case when bytes > ${SHOWN_BYTES} then left(${TEXT}, ${CUT_LENGTH}) else ${TEXT} end as result, bytes, bytes > ${SHOWN_BYTES} as "isCut"`,
};
const WHOLE = { size: `octet_length(${TEXT})`, columns: `${TEXT} as result` };
const IS_BEFORE = "project = $1 and ($2::bigint is null or ordinal < $2)";
const NEWEST = withinBytes({ ...SHOWN, rows: `select * from results where ${IS_BEFORE} order by ordinal desc limit $3` });
/** The oldest row that one search reads. */
const SEARCH_WINDOW = `select min(ordinal) as oldest from (
    select ordinal, sum(pg_column_size(result)) over (order by ordinal desc rows unbounded preceding) - pg_column_size(result) as stored_before
    from (select ordinal, result from results where ${IS_BEFORE} order by ordinal desc limit ${SEARCHED_ROWS}) as chosen
  ) as sized where stored_before < ${STORED_BYTES}`;
const OF_TASK = withinBytes({
  ...SHOWN,
  rows: "select * from results where project = $1 and taskid = $2 order by index limit 500",
  order: "index",
});
const FOUND = withinBytes({
  ...SHOWN,
  rows: `select * from results where ${IS_BEFORE} and ordinal >= $4
    and (strpos(lower(url), lower($5)) > 0 or strpos(lower(${TEXT}), lower($6)) > 0) order by ordinal desc limit $3`,
});
const NEXT_PAGE = withinBytes({
  ...WHOLE,
  rows: "select * from results where project = $1 and (taskid, index) > ($2, $3) and updatetime < $5 order by taskid, index limit $4",
  order: "taskid, index",
});
const NEXT_CHANGES = withinBytes({
  ...WHOLE,
  rows: `select * from results where project = $1 and ordinal > $2 and ordinal <= $3 and coalesce(changed, updatetime) >= $5
    order by ordinal limit $4`,
  order: "ordinal",
});

/** The stored size of a row limits how many rows to measure: to measure its text, Postgres has to read all of it. */
function withinBytes({ rows, order, size, columns }: Record<"rows" | "order" | "size" | "columns", string>): string {
  const before = (bytes: string) => `sum(${bytes}) over (order by ${order} rows unbounded preceding) - ${bytes}`;
  return `select taskid, url, index, ordinal, updatetime, coalesce(changed, updatetime) as changed, ${columns} from (
      select *, octet_length(${TEXT}) as bytes, ${before(size)} as bytes_before from (
        select *, ${before("pg_column_size(result)")} as stored_before from (${rows}) as chosen
      ) as sized where stored_before < ${STORED_BYTES}
    ) as measured where bytes_before < ${PAGE_BYTES} order by ${order}`;
}
