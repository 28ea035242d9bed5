import { useCallback, useEffect, useRef, useState } from "react";
import { useSession } from "../session/use-session.ts";
import { keepLoading, type Loading } from "./keep-loading.ts";
import type { RequestError } from "./request-error.ts";

/** How often pages that show what is going on ask again. */
export const POLL_MS = 2_000;

export interface Remote<T> {
  /** The newest that came; kept while later requests fail. */
  data: T | undefined;
  /** Why the last request failed; undefined once one succeeds, and for an ended session, which the login takes care of. */
  failure: RequestError | undefined;
  refresh(): void;
}

/**
 * What `load` gives, loaded when the page opens and after each login, and with `everyMs` again and again.
 *
 * @param load must be the same function from render to render; another one starts afresh.
 */
export function useRemote<T>(load: (signal: AbortSignal) => Promise<T>, everyMs?: number): Remote<T> {
  const { isLoggedIn } = useSession();
  const [state, setState] = useState<{ source: typeof load; data?: T; failure?: RequestError }>({ source: load });
  const loading = useRef<Loading>(undefined);
  useEffect(() => {
    if (!isLoggedIn) return;
    loading.current = keepLoading(load, everyMs, (answer) =>
      setState((before) => ({ ...(before.source === load && "data" in before ? { data: before.data } : {}), source: load, ...answer })),
    );
    return () => loading.current?.stop();
  }, [load, everyMs, isLoggedIn]);
  const refresh = useCallback(() => loading.current?.refresh(), []);
  const { data, failure } = state.source === load ? state : { data: undefined, failure: undefined };
  return { data, failure: failure?.status === 401 ? undefined : failure, refresh };
}
