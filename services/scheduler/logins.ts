/** When a project with `onLogin` has to log in. Until it has a session, only the steps of its login run. */
import { isLoginTask, LOGIN_TASKID, type LoginProblem, type Session } from "../core/protocol/session.ts";

/** Logins in a row without one page read between: then a pause, because another login would be as useless. */
export const MAX_FRUITLESS_LOGINS = 3;
/** As for a script whose declarations cannot be read. */
export const LOGIN_AGAIN_SECONDS = 600;
/** As for a script's declarations: no other task of the project runs before. */
export const LOGIN_RETRY_DELAYS_SECONDS: readonly number[] = [1, 5, 30];
const PRIORITY = 9;

/** What the scheduler remembers of a project's logins. */
export interface Logins {
  /** Grows with each session and each end of one, so that it names the session of a task in flight. */
  version: number;
  /** Unix seconds of the last request. */
  askedAt: number;
  /** Logins since a page was last read in a session. */
  fruitless: number;
}

export const NO_LOGINS: Logins = { version: 0, askedAt: 0, fruitless: 0 };

export const hasSession = (session: Session | LoginProblem | null): session is Session => session !== null && "cookies" in session;

/** What an outcome says about its project's session. */
export type SessionNews = "begun" | "read" | "ended" | "nothing";

/** @param given `isCurrent`: the page was fetched in the session of now. */
export function sessionNews(given: {
  taskid: string;
  url: string;
  isBegun: boolean;
  isCurrent: boolean;
  ok: boolean;
  code: string | undefined;
}): SessionNews {
  const { taskid, url, isBegun, isCurrent, ok, code } = given;
  if (isBegun && ok) return "begun";
  // Pages that were in flight when the session ended, and tasks that fetch nothing.
  if (!isCurrent || isLoginTask(taskid) || !/^https?:/.test(url)) return "nothing";
  if (ok) return "read";
  return code === "E_SESSION_ENDED" ? "ended" : "nothing";
}

/** What to do for a project without a session whose last login, if there was one, is over. */
export function decideLogin(
  session: Session | LoginProblem | null,
  { askedAt, fruitless }: Logins,
  now: number,
): "login" | "giveUp" | "wait" | "tryAgain" {
  if (fruitless < MAX_FRUITLESS_LOGINS) return "login";
  if (session === null) return "giveUp";
  return now - askedAt < LOGIN_AGAIN_SECONDS ? "wait" : "tryAgain";
}

/** The task that calls `onLogin`. */
export const loginTask = {
  taskid: LOGIN_TASKID,
  url: "data:,on_login",
  schedule: { priority: PRIORITY, forceUpdate: true },
  process: { callback: "onLogin" },
};
