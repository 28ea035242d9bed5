import { QueryClient } from "@tanstack/query-core";
import type { RequestError } from "./request-error.ts";

/** The polling interval of pages that show the current state, and the delay before a failed request is repeated. */
export const POLL_MS = 2_000;

/**
 * All data of the API, by path: requests fill it, and components subscribe to paths. The event stream (live.ts) fills it, too.
 */
export const store = new QueryClient({
  defaultOptions: {
    queries: {
      // Without a network, a web UI on the same machine still answers.
      networkMode: "always",
      // The login handles an ended session.
      retry: (_failures, error) => (error as RequestError).status !== 401,
      retryDelay: POLL_MS,
      // Each answer renders its components again, because they show times relative to now.
      structuralSharing: false,
    },
  },
});
