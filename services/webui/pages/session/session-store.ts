/** Whether a user is logged in: an entry of the store, which requests change. */
import { store } from "../api/store.ts";
import type { Session } from "../api/types.ts";

/** The session's key in the store. */
export const SESSION_PATH = "/session";

export function setSession(session: Session): void {
  store.setQueryData([SESSION_PATH], session);
}

/** The API no longer accepts the cookie. */
export function forgetSession(): void {
  store.setQueryData<Session>([SESSION_PATH], (session) => session && { ...session, isLoggedIn: false });
}
