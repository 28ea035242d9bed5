import { useQuery } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { useSession } from "../session/use-session.ts";
import type { Resource } from "./client.ts";
import { isLive, subscribeToLive, watchPath } from "./live.ts";
import type { RequestError } from "./request-error.ts";

/** How long polled data stays after its page was left, so that the back button shows it without waiting. */
const KEPT_MS = 60_000;

export interface Remote<T> {
  /** The newest answer; kept while later requests fail. */
  data: T | undefined;
  /** Why the last request failed; undefined after a success, and for an ended session, which the login handles. */
  failure: RequestError | undefined;
}

/**
 * A resource in the store. It is loaded when the page opens. With `everyMs` it is also loaded after each login and each change, and when a hidden
 * tab is shown again; and while the tab is visible, the event stream keeps it new, or it is polled. A failed request is repeated after `POLL_MS`.
 */
export function useRemote<T>({ path, isLive: canBeLive, load }: Resource<T>, everyMs?: number): Remote<T> {
  const { isLoggedIn } = useSession();
  const isPolled = everyMs !== undefined;
  const isWatched = isPolled && canBeLive && isLoggedIn;
  const isSent = useSyncExternalStore(subscribeToLive, () => isLive(path));
  useEffect(() => (isWatched ? watchPath(path) : undefined), [path, isWatched]);
  const { data, failureReason } = useQuery<T, RequestError>({
    queryKey: [path],
    queryFn: ({ signal }) => load(signal),
    enabled: isLoggedIn,
    // An editor keeps its own text: another download after each change would have no reader.
    staleTime: isPolled ? 0 : "static",
    refetchInterval: isPolled && !isSent ? everyMs : false,
    refetchOnWindowFocus: isPolled,
    // An editor must not begin with an old text.
    gcTime: isPolled ? KEPT_MS : 0,
  });
  return { data, failure: failureReason?.status === 401 ? undefined : (failureReason ?? undefined) };
}
