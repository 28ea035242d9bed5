import type { FetchOptions } from "../core/protocol/fetch-options.ts";

/** The URL of the proxy to use. The scheduler has chosen one from a list; a direct call of the fetcher uses the first. */
export function proxyOf({ proxy }: FetchOptions): string | undefined {
  return (Array.isArray(proxy) ? proxy[0] : proxy) || undefined;
}
