import type { TaskError } from "../../core/protocol/messages.ts";
import { type ProjectStatus, TASK_QUEUE } from "../../core/protocol/task.ts";
import { listProjects, type ProjectSummary } from "../../core/store/projects.ts";
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

/** A project with what its health depends on. */
export interface ProjectHealthFacts {
  project: ProjectSummary;
  facts: HealthFacts;
}

type Row = Omit<HealthFacts, "hasScheduler" | "status" | "rate" | "scriptError"> & { name: string };

/** Waiting tasks of all projects have one index by time. */
const WAITING_SEEN = 10_000;

/**
 * All projects by name; with `name` only that one, if it exists. One query for any number of projects: two index probes for each, and for all of them
 * one walk over the tasks in flight, which the queues bound, and one bounded walk over waiting tasks.
 */
export async function readHealthFacts(sql: Sql, name?: string): Promise<ProjectHealthFacts[]> {
  const projects = await listProjects(sql, name);
  const { isActive: hasScheduler } = await readSchedulerStatus(sql);
  const rows = await sql.query<Row>(FACTS, [name ?? null]);
  const byName = new Map(rows.map(({ name: key, ...facts }) => [key, facts]));
  return projects.flatMap((project) => {
    const { status, rate, scriptError } = project;
    const facts = byName.get(project.name);
    return facts ? [{ project, facts: { ...facts, hasScheduler, status, rate, scriptError } }] : [];
  });
}

const FACTS = `with
  in_flight as materialized (select distinct project from tasks where queue = ${TASK_QUEUE.inFlight}),
  waiting as materialized (
    select distinct on (project) project, exetime, retried from (
      select project, exetime, retried from tasks where queue = ${TASK_QUEUE.waiting} order by exetime limit ${WAITING_SEEN}
    ) as first order by project, exetime
  ),
  lines as materialized (
    select project, min(opens_at) as opens_at from host_lines where $1::text is null or project = $1 group by project
  )
  select name, paused_until as "pausedUntil", session->>'problem' as "loginProblem",
    exists (select 1 from tasks where project = name and queue = ${TASK_QUEUE.due}) as "hasDue",
    exists (select 1 from in_flight where project = name) as "hasInFlight",
    lines.opens_at as "hostOpensAt", waiting.exetime as "nextAt", coalesce(waiting.retried > 0, false) as "isRetry",
    coalesce(totals.pending, 0)::float8 as pending, coalesce(totals.success + totals.failed, 0)::float8 as ended
  from projects
  left join project_totals as totals on totals.project = name
  left join waiting on waiting.project = name
  left join lines on lines.project = name
  where $1::text is null or name = $1`;
