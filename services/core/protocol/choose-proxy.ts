import type { FetchOptions } from "./fetch-options.ts";

/** Options of one try: from a list of proxies the task's own, and at each further try the next one. */
export const withOneProxy = (fetch: FetchOptions, taskid: string, tries: number): FetchOptions =>
  Array.isArray(fetch.proxy) ? { ...fetch, proxy: chooseProxy(fetch.proxy, taskid, tries) } : fetch;

/** Deterministic per task and number of tries; tasks are spread evenly. False: the list is empty. */
export function chooseProxy(proxies: readonly string[], taskid: string, tries: number): string | false {
  const own = [...taskid].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 2 ** 32, 0);
  return proxies[(own + tries) % proxies.length] ?? false;
}
