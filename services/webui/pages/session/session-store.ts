/** Whether someone is logged in, for all components and for requests, which learn of it first. */
import type { Session } from "../api/types.ts";

export interface SessionState extends Session {
  /** False until the API has said whether the cookie is good. */
  isKnown: boolean;
}

let state: SessionState = { isKnown: false, isLoggedIn: false };
const listeners = new Set<() => void>();

export const readSession = (): SessionState => state;

export function subscribeToSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function setSession(session: Session): void {
  state = { isKnown: true, ...session };
  for (const listener of listeners) listener();
}

/** The API no longer takes the cookie. */
export function forgetSession(): void {
  if (state.isLoggedIn) setSession({ ...state, isLoggedIn: false });
}
