import type { Sql } from "../../core/store/sql.ts";
import { ERROR_CODE, ERROR_MESSAGE, PRINTED, unescaped } from "../../core/store/track-patterns.ts";
import { shownMessage } from "./task-queries.ts";
import { rowsWith, type TaskCursor, walkTasks } from "./task-walk.ts";

/** The last run of a task that printed something or failed. */
export interface LogEntry extends TaskCursor {
  url: string;
  callback: string;
  /** Unix seconds of the run. */
  time: number;
  /** The last 2,000 characters that the script printed; empty if it printed nothing. */
  printed: string;
  /** Whether it printed more. */
  isCut: boolean;
  errorCode: string | null;
  /** At most 500 characters. */
  errorMessage: string | null;
}

export interface LogFilter {
  /** In what was printed, URLs, error codes and error messages, whatever its case. */
  search?: string | undefined;
  after?: TaskCursor | undefined;
  limit: number;
}

type Row = Omit<LogEntry, "printed" | "isCut"> & { printed: string | null };

const COLUMNS = `taskid, updatetime, url, process ->> 'callback' as callback, coalesce(lastcrawltime, updatetime) as time, ${PRINTED} as printed,
  ${ERROR_CODE} as "errorCode", ${ERROR_MESSAGE} as "errorMessage"`;
const SHOWN_LENGTH = 2_000;
const ALL = { where: "true", parameters: [] };

/** One page of what a project's script printed and how its runs failed, the newest first. A page may be empty although a next one has entries. */
export async function readLog(
  sql: Sql,
  project: string,
  { search, after, limit }: LogFilter,
): Promise<{ entries: LogEntry[]; next: TaskCursor | undefined }> {
  const { where, parameters } =
    search === undefined ? ALL : rowsWith(search, { text: ["url", '"errorCode"'], json: ["printed", '"errorMessage"'] });
  const { rows, next } = await walkTasks<Row>(sql, project, {
    columns: COLUMNS,
    walked: "true",
    shown: { where: `(printed is not null or "errorCode" is not null) and ${where}`, parameters },
    after,
    limit,
  });
  return { entries: rows.map(toEntry), next };
}

function toEntry({ printed, errorMessage, ...row }: Row): LogEntry {
  const text = unescaped(printed ?? "");
  return { ...row, printed: text.slice(-SHOWN_LENGTH), isCut: text.length > SHOWN_LENGTH, errorMessage: shownMessage(errorMessage) };
}
