import type { TaskError } from "../messages.ts";
import { INFO_TASKID } from "../task.ts";
import type { Sql } from "./sql.ts";

/** How far a project's crawl is. */
export interface RunState {
  /** Requests that the scheduler has not read yet, of any project. */
  hasInbox: boolean;
  /** Those in line for their host are due too. */
  hasDue: boolean;
  hasInFlight: boolean;
  /** Tasks that wait for another try after a failure. Tasks that wait for a time of their own do not count. */
  hasRetrying: boolean;
  /** Set when the script fails as soon as it is loaded: then nothing of the project runs. */
  scriptError: TaskError | null;
  pending: number;
  success: number;
  failed: number;
}

/** Cheap whatever the size of the table: six index probes. */
export async function readRunState(sql: Sql, project: string): Promise<RunState> {
  const [row] = await sql.query<RunState>(
    `select exists (select 1 from inbox) as "hasInbox",
       exists (select 1 from tasks where project = $1 and queue = 1) or exists (select 1 from tasks where project = $1 and queue = 4) as "hasDue",
       exists (select 1 from tasks where project = $1 and queue = 3) as "hasInFlight",
       exists (select 1 from tasks where project = $1 and queue = 2 and (retried > 0 or held_back > 0)) as "hasRetrying",
       (select track->'process'->'error' from tasks where project = $1 and taskid = '${INFO_TASKID}' and status = 3) as "scriptError",
       coalesce((select pending from project_totals where project = $1), 0) as pending,
       coalesce((select success from project_totals where project = $1), 0) as success,
       coalesce((select failed from project_totals where project = $1), 0) as failed`,
    [project],
  );
  if (!row) throw new Error("select without from gave no row");
  return row;
}

/**
 * True when nothing is due or in flight, or when nothing can be.
 *
 * @param isOverLimit no more pages are to be fetched; what is in flight still comes to its end.
 */
export function isOver(state: RunState, isOverLimit: boolean): boolean {
  if (state.scriptError) return true;
  if (isOverLimit) return !state.hasInFlight;
  return !state.hasInbox && !state.hasDue && !state.hasInFlight && !state.hasRetrying;
}
