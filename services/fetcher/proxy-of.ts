import type { FetchOptions } from "../core/task.ts";

/** The URL of the proxy to use. Of several the scheduler has chosen one; whoever asks the fetcher directly gets the first. */
export function proxyOf({ proxy }: FetchOptions): string | undefined {
  return (Array.isArray(proxy) ? proxy[0] : proxy) || undefined;
}
