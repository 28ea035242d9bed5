import type { TaskError } from "../core/protocol/messages.ts";
import { INFO_TASKID, TASK_QUEUE, TASK_STATUS } from "../core/protocol/task.ts";
import type { Sql } from "../core/store/sql.ts";
import type { PauseFacts } from "./pause-watch.ts";

/** The progress of a project's crawl. */
export interface RunState extends PauseFacts {
  /** Requests of any project that the scheduler has not read yet. */
  hasInbox: boolean;
  /** Tasks in host queues are due too. */
  hasDue: boolean;
  hasInFlight: boolean;
  /** Tasks that wait for a retry, or for their first run within AWAITED_SECONDS. Others that wait for a set time do not count. */
  hasAwaited: boolean;
  /** Set if the script fails when it is loaded: then no task of the project runs. */
  scriptError: TaskError | null;
  /** Why the project cannot log in; until that is solved, only its login runs. */
  loginProblem: string | null;
  pending: number;
  success: number;
  failed: number;
}

/** A task whose `exetime` is further away is left to `./orb start`. */
const AWAITED_SECONDS = 60;
/** SQL, of a task that waits. */
export const NEVER_RUN = "lastcrawltime is null";

/** Fast for any table size: index probes. The last error is looked for while the project is paused. */
export async function readRunState(sql: Sql, project: string): Promise<RunState> {
  const [row] = await sql.query<RunState>(
    `select exists (select 1 from inbox) as "hasInbox",
       exists (select 1 from tasks where project = $1 and queue = ${TASK_QUEUE.due})
         or exists (select 1 from tasks where project = $1 and queue = ${TASK_QUEUE.hostBlocked}) as "hasDue",
       exists (select 1 from tasks where project = $1 and queue = ${TASK_QUEUE.inFlight}) as "hasInFlight",
       exists (
         select 1 from tasks where project = $1 and queue = ${TASK_QUEUE.waiting}
           and (retried > 0 or held_back > 0 or (${NEVER_RUN} and exetime <= extract(epoch from now()) + ${AWAITED_SECONDS}))) as "hasAwaited",
       (select track->'process'->'error' from tasks
         where project = $1 and taskid = '${INFO_TASKID}' and status = ${TASK_STATUS.FAILED}) as "scriptError",
       session->>'problem' as "loginProblem", projects.paused_until as "pausedUntil",
       case when projects.paused_until > extract(epoch from now()) then (
         select track->'process'->'error' from tasks
         where project = $1 and queue = ${TASK_QUEUE.waiting} and retried > 0 order by updatetime desc limit 1) end as "lastError",
       coalesce((select pending from project_totals where project = $1), 0) as pending,
       coalesce((select success from project_totals where project = $1), 0) as success,
       coalesce((select failed from project_totals where project = $1), 0) as failed
     from projects where name = $1`,
    [project],
  );
  if (!row) throw new Error(`the project ${project} was removed during its run`);
  return row;
}

/**
 * True when no task is due or in flight, or when none can run.
 *
 * @param isOverLimit no more pages are to be fetched; tasks in flight still finish.
 */
export function isOver(state: RunState, isOverLimit: boolean): boolean {
  if (state.scriptError || state.loginProblem !== null) return true;
  if (isOverLimit) return !state.hasInFlight;
  return !state.hasInbox && !state.hasDue && !state.hasInFlight && !state.hasAwaited;
}
