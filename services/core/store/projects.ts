import type { TaskError } from "../protocol/messages.ts";
import { INFO_TASKID, type ProjectStatus } from "../protocol/task.ts";
import { addToInbox } from "./inbox.ts";
import type { Database, Sql } from "./sql.ts";

/** The limits of kept pages; the oldest are removed first. */
export interface KeepPages {
  /** Compressed. */
  mib: number;
  days: number;
}

/** A project as lists show it. */
export interface ProjectSummary {
  name: string;
  group: string;
  status: ProjectStatus;
  comments: string;
  /** Tasks per second. */
  rate: number;
  /** Token bucket size in tasks. */
  burst: number;
  /** After too many failures in a row the scheduler holds the project until then: PAUSED. */
  isPaused: boolean;
  /** Why no task of a running project runs: its script fails when it is loaded. */
  scriptError: TaskError | null;
  /** How much of the pages of its tasks is kept; null: none are. */
  keepPages: KeepPages | null;
  /** Unix seconds of the last change. */
  updatetime: number;
}

export interface Project extends ProjectSummary {
  script: string;
  /** SHA-256 (hex) of the compiled script; empty for a project that never had one. */
  scriptHash: string;
  /** SHA-256 (hex) of the source, which names this version of the text. */
  sourceHash: string;
}

/** Fields to write; an absent field is unchanged. */
export interface ProjectChanges {
  group?: string;
  status?: ProjectStatus;
  comments?: string;
  rate?: number;
  burst?: number;
  keepPages?: KeepPages | null;
  /** The script and its compiled text. */
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
  ) end as "scriptError",
  case when keep_pages_mib > 0 then json_build_object('mib', keep_pages_mib, 'days', keep_pages_days) end as "keepPages",
  extract(epoch from updatetime)::float8 as updatetime`;

const WHOLE = `${SUMMARY}, script, script_hash as "scriptHash",
  encode(sha256(convert_to(script, 'UTF8')), 'hex') as "sourceHash"`;

/** All projects by name; with `name` only that one, if it exists. */
export function listProjects(sql: Sql, name?: string): Promise<ProjectSummary[]> {
  return sql.query<ProjectSummary>(`select ${SUMMARY} from projects where $1::text is null or name = $1 order by name`, [name ?? null]);
}

/** One project with its script; undefined if it does not exist. */
export async function getProject(sql: Sql, name: string): Promise<Project | undefined> {
  const [project] = await sql.query<Project>(`select ${WHOLE} from projects where name = $1`, [name]);
  return project;
}

/** Whether a project exists, without reading its script. */
export async function hasProject(sql: Sql, name: string): Promise<boolean> {
  return (await sql.query("select 1 from projects where name = $1", [name])).length > 0;
}

/** As `getProject`, with a lock on the row: no other process changes the project until the transaction ends, so decisions from it stay valid. */
export async function holdProject(sql: Sql, name: string): Promise<Project | undefined> {
  const [project] = await sql.query<Project>(`select ${WHOLE} from projects where name = $1 for update`, [name]);
  return project;
}

export interface ProjectPut {
  changes: ProjectChanges;
  /** Of a new project. */
  defaults: ProjectDefaults;
  /** Throws to refuse the change of a project as it is now; a new one has the defaults and no script. */
  check?: (before: Project, isNew: boolean) => void;
}

/**
 * Creates a project, or changes the given fields of one, and adds a request to the scheduler's inbox in the same transaction.
 *
 * @returns the project after the change, and whether it is new.
 * @throws the error of `check`; nothing has changed then.
 */
export function putProject(
  database: Database,
  name: string,
  { changes, defaults, check }: ProjectPut,
): Promise<{ project: Project; isNew: boolean }> {
  return database.transaction(async (sql) => {
    const created = await sql.query("insert into projects (name, rate, burst) values ($1, $2, $3) on conflict do nothing returning name", [
      name,
      defaults.rate,
      defaults.burst,
    ]);
    const before = await holdProject(sql, name);
    if (!before) throw new Error(`project ${name} is gone in the middle of its own transaction`);
    const isNew = created.length > 0;
    check?.(before, isNew);
    const project = await writeFields(sql, name, { ...changes, status: statusAfter(before, changes) });
    await addToInbox(sql, { kind: "project", project: name });
    return { project, isNew };
  });
}

/** A requested status takes precedence. Otherwise a new script moves a running project to CHECKING, as in pyspider (webui/debug.py, save). */
function statusAfter(before: Pick<Project, "status" | "script">, changes: ProjectChanges): ProjectStatus {
  if (changes.status) return changes.status;
  const isRunning = before.status === "DEBUG" || before.status === "RUNNING";
  return isRunning && changes.script && changes.script.source !== before.script ? "CHECKING" : before.status;
}

/** @returns the project with the changes. */
async function writeFields(
  sql: Sql,
  name: string,
  { group, status, comments, rate, burst, script, keepPages }: ProjectChanges,
): Promise<Project> {
  const [project] = await sql.query<Project>(
    `update projects set "group" = coalesce($2, "group"), status = coalesce($3, status), comments = coalesce($4, comments),
       rate = coalesce($5, rate), burst = coalesce($6, burst), script = coalesce($7, script), compiled = coalesce($8, compiled),
       script_hash = coalesce($9, script_hash), keep_pages_mib = coalesce($10, keep_pages_mib),
       keep_pages_days = coalesce($11, keep_pages_days), updatetime = now()
     where name = $1
     returning ${WHOLE}`,
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
      keepPages === null ? 0 : (keepPages?.mib ?? null),
      keepPages === null ? 0 : (keepPages?.days ?? null),
    ],
  );
  return project as Project;
}

/**
 * Removes a project, and requests the scheduler to remove its tasks and results. If a project of the same name is created before that, it is
 * another project and keeps nothing of this one.
 *
 * @param check throws to refuse it.
 * @returns false if the project does not exist.
 */
export function requestDelete(database: Database, name: string, check?: (project: Project) => void): Promise<boolean> {
  return database.transaction(async (sql) => {
    const project = await holdProject(sql, name);
    if (project) check?.(project);
    const [answer] = await sql.query<{ isRemoved: boolean }>('select remove_project($1) as "isRemoved"', [name]);
    const isRemoved = answer?.isRemoved === true;
    if (isRemoved) await addToInbox(sql, { kind: "delete", project: name });
    return isRemoved;
  });
}
