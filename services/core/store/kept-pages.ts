import type { Sql } from "./sql.ts";

/** A page that a project keeps. */
export interface KeptPage {
  /** Base64 of `packPage`. */
  packed: string;
  /** Unix seconds. */
  time: number;
}

/** The kept page of a task; undefined without one. */
export async function readKeptPage(sql: Sql, project: string, taskid: string): Promise<KeptPage | undefined> {
  const [row] = await sql.query<KeptPage>(
    "select replace(encode(page, 'base64'), E'\\n', '') as packed, time from kept_pages where project = $1 and taskid = $2",
    [project, taskid],
  );
  return row;
}
