/** The session of a project whose script has `onLogin`: cookies that its tasks send, as they are when the task is dispatched. */
import { type Check, isFlag, isHeaderValue, isObject, isStorable } from "./checks.ts";

export interface Session {
  /** By name. */
  cookies: Record<string, string>;
  /** The host name of the page that began the session: no other host gets its cookies. */
  host: string;
  /** That page came over TLS: the cookies are sent over TLS alone. */
  isSecure: boolean;
}

/** Why a project has no session: its login failed repeatedly, and is tried again later. */
export interface LoginProblem {
  problem: string;
}

/** The first step of a login; the steps that it requests have its id and their own. They are the only tasks that run without a session. */
export const LOGIN_TASKID = "_on_login";
/** The id of a step that a login requests. */
export const loginStepId = (taskid: string): string => `${LOGIN_TASKID}_${taskid}`.slice(0, 255);
export const isLoginTask = (taskid: string): boolean => taskid === LOGIN_TASKID || taskid.startsWith(`${LOGIN_TASKID}_`);

/** A host name (RFC 1035, section 2.3.4), or an IPv6 address in brackets. */
const MAX_HOST_LENGTH = 255;
/** Browsers keep 180 cookies of a site, of 4 KiB each; headers of 64 KiB are refused by all servers. */
const MAX_COOKIES = 200;
const MAX_COOKIES_LENGTH = 65_536;

export const isSession: Check = (value) => {
  if (!isObject(value) || Object.keys(value).length !== 3) return false;
  const { cookies, host, isSecure } = value;
  return isCookies(cookies) && isStorable(host) && host !== "" && host.length <= MAX_HOST_LENGTH && isFlag(isSecure);
};

const isCookies: Check = (value) =>
  isObject(value) &&
  Object.keys(value).length <= MAX_COOKIES &&
  JSON.stringify(value).length <= MAX_COOKIES_LENGTH &&
  Object.entries(value).every(([name, text]) => name !== "__proto__" && isHeaderValue(name) && isHeaderValue(text));

/** The session's cookies for a URL; undefined if it gets none. */
export function sessionCookies({ cookies, host, isSecure }: Session, url: string): Record<string, string> | undefined {
  const { hostname, protocol } = URL.parse(url) ?? {};
  return hostname === host && (protocol === "https:" || (protocol === "http:" && !isSecure)) ? cookies : undefined;
}
