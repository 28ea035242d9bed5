import type { FetchOptions } from "./fetch-options.ts";
import type { TaskError } from "./messages.ts";

/** What of a page decides. */
interface Answered {
  statusCode: number;
  error?: TaskError | undefined;
}

/** Whether a page is a complete answer with status 2xx or 304, or 3xx where redirects were not to be followed (`allowRedirects` is false). */
export function isPageOk({ statusCode, error }: Answered, { allowRedirects = true }: FetchOptions): boolean {
  if (error) return false;
  const isRedirect = statusCode >= 300 && statusCode < 400;
  return (statusCode >= 200 && statusCode < 300) || statusCode === 304 || (isRedirect && !allowRedirects);
}
