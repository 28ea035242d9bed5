/** Keeps the sessions of projects with `onLogin`, and requests their logins. */
import type { Outcome } from "../core/protocol/messages.ts";
import type { LoginProblem, Session } from "../core/protocol/session.ts";
import type { Sql } from "../core/store/sql.ts";
import type { Request } from "./intake.ts";
import { decideLogin, hasSession, loginTask, sessionNews } from "./logins.ts";
import { type InFlight, isActive, knowsScript, type ProjectRuntime, type SchedulerState } from "./state.ts";
import { findRunningLogins, readLoginFailure, saveSession } from "./store/logins.ts";

/** Whether the project waits for a session: its ordinary tasks are not dispatched. */
export const needsLogin = (project: ProjectRuntime): boolean =>
  isActive(project) && knowsScript(project) && project.record.info?.hasLogin === true && !hasSession(project.record.session);

/** Applies what an outcome says about its project's session. */
export async function noteSession(
  sql: Sql,
  { session, process, url }: Outcome,
  { project: name, taskid, session: version }: InFlight,
  state: SchedulerState,
): Promise<void> {
  const project = state.projects.get(name);
  if (!project?.record.info?.hasLogin) return;
  const { ok, error } = process;
  const isCurrent = version === project.logins.version;
  const news = sessionNews({ taskid, url, isBegun: session !== undefined, isCurrent, ok, code: error?.code });
  if (news === "read") project.logins = { ...project.logins, fruitless: 0 };
  if (news === "begun") await keep(sql, project, session ?? null);
  if (news === "ended") await keep(sql, project, null);
  if (news === "begun" || news === "ended") {
    project.logins = { ...project.logins, version: project.logins.version + 1 };
    state.cameBack(name);
  }
}

async function keep(sql: Sql, { record }: ProjectRuntime, session: Session | LoginProblem | null): Promise<void> {
  record.session = session;
  await saveSession(sql, record.name, session);
}

/** Requests `onLogin` for projects that wait for a session and whose last login is over. Call it after the tasks of the round were taken in. */
export async function requestLogins(sql: Sql, state: SchedulerState, now: number): Promise<Request[]> {
  const waiting = [...state.due].flatMap((name) => {
    const project = state.projects.get(name);
    return project && needsLogin(project) ? [project] : [];
  });
  if (waiting.length === 0) return [];
  const names = waiting.map(({ record }) => record.name);
  const running = new Set(await findRunningLogins(sql, names));
  const requests: Request[] = [];
  for (const project of waiting) {
    if (!running.has(project.record.name) && (await login(sql, project, now)))
      requests.push({ ...loginTask, project: project.record.name });
  }
  return requests;
}

/** @returns whether to request `onLogin` now. */
async function login(sql: Sql, project: ProjectRuntime, now: number): Promise<boolean> {
  const { record, logins } = project;
  const decision = decideLogin(record.session, logins, now);
  if (decision === "wait") return false;
  if (decision === "giveUp") {
    const problem = (await readLoginFailure(sql, record.name)) ?? "no page could be read in the session, or startSession() was not called";
    await keep(sql, project, { problem });
    return false;
  }
  if (decision === "tryAgain") await keep(sql, project, null);
  project.logins = { ...logins, askedAt: now, fruitless: decision === "login" ? logins.fruitless + 1 : 1 };
  return true;
}
