import type { TaskError } from "../../core/protocol/messages.ts";
import { type ProjectStatus, TASK_QUEUE } from "../../core/protocol/task.ts";
import { listProjects } from "../../core/store/projects.ts";
import type { Sql } from "../../core/store/sql.ts";
import { readSchedulerStatus } from "./scheduler-status.ts";

/** What the database knows about whether a project's tasks run. Times in unix seconds. */
export interface HealthFacts {
  /** Whether a scheduler is running. */
  hasScheduler: boolean;
  status: ProjectStatus;
  /** Tasks per second. */
  rate: number;
  scriptError: TaskError | null;
  /** Why the project cannot log in. */
  loginProblem: string | null;
  /** The end of the pause after too many failures in a row; 0 if there was none. */
  pausedUntil: number;
  hasDue: boolean;
  hasInFlight: boolean;
  /** When the next host may be asked; null if no task waits for its host. */
  hostOpensAt: number | null;
  /** When the next waiting task is due, and whether it failed before; null if none of the next WAITING_SEEN waiting tasks is the project's. */
  nextAt: number | null;
  isRetry: boolean;
  /** Tasks that have not ended, and those that have. */
  pending: number;
  ended: number;
}

/** Waiting tasks of all projects have one index by time. */
const WAITING_SEEN = 10_000;

/** Fast for any table size: index probes, and a bounded walk over waiting tasks. Undefined for an unknown project. */
export async function readHealthFacts(sql: Sql, name: string): Promise<HealthFacts | undefined> {
  const [project] = await listProjects(sql, name);
  if (!project) return undefined;
  const [row] = await sql.query<Omit<HealthFacts, "hasScheduler" | "status" | "rate" | "scriptError">>(
    `select exists (select 1 from tasks where project = $1 and queue = ${TASK_QUEUE.due}) as "hasDue",
       exists (select 1 from tasks where project = $1 and queue = ${TASK_QUEUE.inFlight}) as "hasInFlight",
       (select session->>'problem' from projects where name = $1) as "loginProblem",
       coalesce((select paused_until from projects where name = $1), 0) as "pausedUntil",
       (select min(opens_at) from host_lines where project = $1) as "hostOpensAt",
       next.exetime as "nextAt", coalesce(next.retried > 0, false) as "isRetry",
       coalesce(totals.pending, 0)::float8 as pending, coalesce(totals.success + totals.failed, 0)::float8 as ended
     from (select 1) as one
     left join project_totals as totals on totals.project = $1
     left join lateral (
       select exetime, retried from (
         select project, exetime, retried from tasks where queue = ${TASK_QUEUE.waiting} order by exetime limit ${WAITING_SEEN}
       ) as waiting where waiting.project = $1 order by exetime limit 1
     ) as next on true`,
    [name],
  );
  if (!row) throw new Error("a join of one row gave none");
  const { status, rate, scriptError } = project;
  return { ...row, hasScheduler: (await readSchedulerStatus(sql)).isActive, status, rate, scriptError };
}
