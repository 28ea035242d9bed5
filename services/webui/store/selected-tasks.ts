import type { TaskSelection } from "../../core/protocol/task-selection.ts";
import type { Sql } from "../../core/store/sql.ts";
import { whereSelected } from "../../core/store/task-selection.ts";

/** More tasks than this are not counted: each has to be read. */
const MAX_COUNTED = 100_000;
const SAMPLE = 5;

export interface SelectedTasks {
  count: number;
  /** Whether there are more than were counted. */
  isCut: boolean;
  /** Of `count`, tasks of which a page is kept. */
  keptPages: number;
  /** The most frequent first. */
  callbacks: { callback: string; count: number }[];
  /** The tasks that changed last. */
  sample: { taskid: string; url: string; callback: string }[];
}

/** A project's ended tasks of a selection: how many, of which callbacks, and some of them. */
export async function countSelected(sql: Sql, project: string, selection: TaskSelection): Promise<SelectedTasks> {
  const { condition, params } = whereSelected(selection, 3);
  const groups = await sql.query<{ callback: string; count: number; kept: number }>(
    `with selected as materialized (
       select taskid, process->>'callback' as callback from tasks where project = $1 and ${condition} limit $2)
     select callback, count(*) as count, count(kept_pages.taskid) as kept
     from selected left join kept_pages on kept_pages.project = $1 and kept_pages.taskid = selected.taskid
     group by callback order by count(*) desc, callback limit 100`,
    [project, MAX_COUNTED, ...params],
  );
  const sample = await sql.query<SelectedTasks["sample"][number]>(
    `select taskid, url, process->>'callback' as callback from tasks where project = $1 and ${condition}
     order by updatetime desc, taskid limit $2`,
    [project, SAMPLE, ...params],
  );
  const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);
  const count = sum(groups.map((group) => group.count));
  return {
    ...{ count, isCut: count >= MAX_COUNTED, keptPages: sum(groups.map(({ kept }) => kept)), sample },
    callbacks: groups.map(({ callback, count: ofCallback }) => ({ callback, count: ofCallback })),
  };
}
