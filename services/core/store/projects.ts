import type { TaskError } from "../messages.ts";
import { INFO_TASKID, type ProjectState } from "../task.ts";
import { addToInbox } from "./inbox.ts";
import type { Database, Sql } from "./sql.ts";

/** A project as lists show it. */
export interface ProjectSummary {
  name: string;
  group: string;
  status: ProjectState;
  comments: string;
  /** Tasks a second. */
  rate: number;
  /** Tasks at once. */
  burst: number;
  /** After too many failures in a row the scheduler holds the project back until then: PAUSED. */
  isPaused: boolean;
  /** Why nothing of a project that should run does: its script fails as soon as it is loaded. */
  scriptError: TaskError | null;
  /** Unix seconds of the last change. */
  updatetime: number;
}

export interface Project extends ProjectSummary {
  script: string;
  /** SHA-256 (hex) of the compiled script; empty for a project that never had one. */
  scriptHash: string;
}

/** Fields to write; an absent one stays as it is. */
export interface ProjectChanges {
  group?: string;
  status?: ProjectState;
  comments?: string;
  rate?: number;
  burst?: number;
  /** The script, and what was made of it. */
  script?: { source: string; compiled: string; hash: string };
}

export interface ProjectDefaults {
  rate: number;
  burst: number;
}

const SUMMARY = `name, "group", projects.status, comments, rate, burst,
  paused_until > extract(epoch from now()) as "isPaused",
  case when projects.status in ('DEBUG', 'RUNNING') and info_hash <> script_hash then (
    select track->'process'->'error' from tasks
    where project = name and taskid = '${INFO_TASKID}' and track->>'scriptHash' = script_hash
  ) end as "scriptError", extract(epoch from updatetime)::float8 as updatetime`;

/** All projects by name. */
export function listProjects(sql: Sql): Promise<ProjectSummary[]> {
  return sql.query<ProjectSummary>(`select ${SUMMARY} from projects order by name`);
}

/** One project with its script; undefined if there is none of that name. */
export async function getProject(sql: Sql, name: string): Promise<Project | undefined> {
  const [project] = await sql.query<Project>(`select ${SUMMARY}, script, script_hash as "scriptHash" from projects where name = $1`, [
    name,
  ]);
  return project;
}

/**
 * Creates a project, or changes the given fields of one, and tells the scheduler's inbox in the same transaction.
 *
 * @returns the project as it is now, and whether it is new.
 */
export function putProject(
  database: Database,
  name: string,
  { changes, defaults }: { changes: ProjectChanges; defaults: ProjectDefaults },
): Promise<{ project: Project; isNew: boolean }> {
  return database.transaction(async (sql) => {
    const created = await sql.query("insert into projects (name, rate, burst) values ($1, $2, $3) on conflict do nothing returning name", [
      name,
      defaults.rate,
      defaults.burst,
    ]);
    await sql.query("select 1 from projects where name = $1 for update", [name]);
    const before = await getProject(sql, name);
    if (!before) throw new Error(`project ${name} is gone in the middle of its own transaction`);
    await writeFields(sql, name, { ...changes, status: statusAfter(before, changes) });
    await addToInbox(sql, { kind: "project", project: name });
    const project = await getProject(sql, name);
    return { project: project ?? before, isNew: created.length > 0 };
  });
}

/** A status that is asked for wins. Otherwise a new script sends a running project to CHECKING, as pyspider does (webui/debug.py, save). */
export function statusAfter(before: Pick<Project, "status" | "script">, changes: ProjectChanges): ProjectState {
  if (changes.status) return changes.status;
  const isRunning = before.status === "DEBUG" || before.status === "RUNNING";
  return isRunning && changes.script && changes.script.source !== before.script ? "CHECKING" : before.status;
}

async function writeFields(sql: Sql, name: string, { group, status, comments, rate, burst, script }: ProjectChanges): Promise<void> {
  await sql.query(
    `update projects set "group" = coalesce($2, "group"), status = coalesce($3, status), comments = coalesce($4, comments),
       rate = coalesce($5, rate), burst = coalesce($6, burst), script = coalesce($7, script), compiled = coalesce($8, compiled),
       script_hash = coalesce($9, script_hash), updatetime = now()
     where name = $1`,
    [
      name,
      group ?? null,
      status ?? null,
      comments ?? null,
      rate ?? null,
      burst ?? null,
      script?.source ?? null,
      script?.compiled ?? null,
      script?.hash ?? null,
    ],
  );
}

/**
 * Removes a project, and asks the scheduler to remove its tasks and results. One of the same name that is put before the scheduler has is
 * another project, and keeps nothing of this one.
 *
 * @returns false if there is no such project.
 */
export function requestDelete(database: Database, name: string): Promise<boolean> {
  return database.transaction(async (sql) => {
    const deleted = await sql.query("delete from projects where name = $1 returning name", [name]);
    if (deleted.length > 0) await addToInbox(sql, { kind: "delete", project: name });
    return deleted.length > 0;
  });
}
