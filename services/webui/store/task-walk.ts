import type { Sql } from "../../core/store/sql.ts";

/** Where the next page begins: the last row of the previous page. */
export interface TaskCursor {
  updatetime: number;
  taskid: string;
}

/** A page that shows only some of the tasks walks over this many: their tracks may have 10,000 characters each. */
export const TASKS_WALKED = 10_000;

export interface TaskWalk {
  /** Columns of the rows, in SQL; with `taskid` and `updatetime`. */
  columns: string;
  /** Which tasks it walks over, in SQL. */
  walked: string;
  /** Which of the walked rows it shows: SQL on `columns`, and its parameters from `$5` on. By default all. */
  shown?: { where: string; parameters: unknown[] };
  after?: TaskCursor | undefined;
  limit: number;
}

/**
 * One page of a project's tasks, the most recently changed first. With `shown`, a page may be empty although a next one has rows.
 *
 * @returns `next`: where the next page begins; undefined on the last page.
 */
export async function walkTasks<Row extends TaskCursor>(
  sql: Sql,
  project: string,
  { columns, walked, shown, after, limit }: TaskWalk,
): Promise<{ rows: Row[]; next: TaskCursor | undefined }> {
  const walk = `from tasks
     where project = $1 and (${walked}) and ($2::float8 is null or (updatetime <= $2 and (updatetime < $2 or taskid > $3)))
     order by updatetime desc, taskid`;
  const place = [project, after?.updatetime ?? null, after?.taskid ?? null];
  const found = await (shown === undefined
    ? sql.query<Row>(`select ${columns} ${walk} limit $4`, [...place, limit + 1])
    : sql.query<Row>(
        `select * from (select ${columns} ${walk} limit ${TASKS_WALKED}) as walked
         where ${shown.where} order by updatetime desc, taskid limit $4`,
        [...place, limit + 1, ...shown.parameters],
      ));
  const rows = found.slice(0, limit);
  if (found.length > limit) return { rows, next: rows.at(-1) };
  if (shown === undefined) return { rows, next: undefined };
  const [end] = await sql.query<TaskCursor>(`select updatetime, taskid ${walk} offset ${TASKS_WALKED - 1} limit 1`, place);
  return { rows, next: end };
}

/** For `shown`: rows with a text, whatever its case, in columns of text or in columns of JSON without quotes. */
export const rowsWith = (search: string, columns: { text: string[]; json: string[] }): { where: string; parameters: unknown[] } => ({
  where: `(strpos(lower(concat_ws(' ', ${columns.text.join()})), lower($5)) > 0 or strpos(lower(concat_ws(' ', ${columns.json.join()})), lower($6)) > 0)`,
  parameters: [search, JSON.stringify(search).slice(1, -1)],
});
