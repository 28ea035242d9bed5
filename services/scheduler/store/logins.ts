/** The scheduler's reads and writes of sessions and logins. */
import { LOGIN_TASKID, type LoginProblem, type Session } from "../../core/protocol/session.ts";
import { TASK_QUEUE, TASK_STATUS } from "../../core/protocol/task.ts";
import { rowsOf, type Sql } from "../../core/store/sql.ts";
import { DISPATCHED_COLUMNS, type DispatchedTask, QUEUE } from "./scheduling.ts";

/** Stores the session, or the reason for its absence. */
export async function saveSession(sql: Sql, project: string, session: Session | LoginProblem | null): Promise<void> {
  await sql.query("update projects set session = $2 where name = $1", [project, session === null ? null : JSON.stringify(session)]);
}

/** Puts the due steps of these projects' logins in flight, the only tasks that may run without a session. @param deadline as for `dispatchDue`. */
export function dispatchLogins(sql: Sql, projects: string[], deadline: number): Promise<DispatchedTask[]> {
  return sql.query(
    `update tasks set queue = ${TASK_QUEUE.inFlight}, attempt = nextval('attempts'), deadline = $2, saved_run = null
     from ${rowsOf("$1", "name text")} where tasks.project = input.name and ${IS_LOGIN_STEP} and ${QUEUE} = ${TASK_QUEUE.due}
     returning ${DISPATCHED_COLUMNS}`,
    [JSON.stringify(projects.map((name) => ({ name }))), deadline],
  );
}

/** Those of these projects whose login is running: one of its steps has not ended. */
export async function findRunningLogins(sql: Sql, projects: string[]): Promise<string[]> {
  const rows = await sql.query<{ name: string }>(
    `select name from ${rowsOf("$1", "name text")} where exists (
       select 1 from tasks where tasks.project = input.name and ${IS_LOGIN_STEP} and ${QUEUE} is not null)`,
    [JSON.stringify(projects.map((name) => ({ name })))],
  );
  return rows.map(({ name }) => name);
}

/** As the index `tasks_login` has it. */
const IS_LOGIN_STEP = `starts_with(tasks.taskid, '${LOGIN_TASKID}')`;

/** The message of the last step of a login that failed; undefined if none did. */
export async function readLoginFailure(sql: Sql, project: string): Promise<string | undefined> {
  const [row] = await sql.query<{ message: string | null }>(
    `select track->'process'->'error'->>'message' as message from tasks
     where project = $1 and ${IS_LOGIN_STEP} and status = ${TASK_STATUS.FAILED} order by updatetime desc limit 1`,
    [project],
  );
  return row?.message ?? undefined;
}
