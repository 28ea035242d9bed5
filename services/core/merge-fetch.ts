import type { FetchOptions } from "./task.ts";

/** The stronger one wins; headers and cookies are merged name by name. */
export function mergeFetchOptions(weak: FetchOptions, strong: FetchOptions): FetchOptions {
  const merged: FetchOptions = { ...weak, ...strong };
  if (weak.headers && strong.headers) merged.headers = { ...weak.headers, ...strong.headers };
  if (weak.cookies && strong.cookies) merged.cookies = { ...weak.cookies, ...strong.cookies };
  return merged;
}
