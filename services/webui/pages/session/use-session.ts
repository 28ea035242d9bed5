import { useQuery } from "@tanstack/react-query";
import { getSession } from "../api/client.ts";
import type { RequestError } from "../api/request-error.ts";
import type { Session } from "../api/types.ts";

export interface SessionState extends Session {
  /** False until the API has checked the cookie. */
  isKnown: boolean;
  /** Why the API has not checked it. */
  failure: RequestError | undefined;
}

/** The session: loaded once, then changed only by a login, a logout or a refused request. */
export function useSession(): SessionState {
  const { path, load } = getSession();
  const { data, failureReason } = useQuery<Session, RequestError>({
    queryKey: [path],
    queryFn: ({ signal }) => load(signal),
    staleTime: "static",
  });
  return { isKnown: data !== undefined, isLoggedIn: false, ...data, failure: failureReason ?? undefined };
}
