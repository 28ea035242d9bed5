import { mergeFetchOptions } from "../core/merge-fetch.ts";
import type { FetchOrder } from "../core/messages.ts";
import type { ScheduledProject } from "../core/store/scheduler-projects.ts";
import type { DispatchedTask } from "../core/store/scheduling.ts";
import type { FetchOptions } from "../core/task.ts";

/** A dispatched task as fetcher and processor need it; a changed header in the script affects tasks queued before, as in pyspider. */
export function toFetchOrder(task: DispatchedTask, project: ScheduledProject): FetchOrder {
  // A page that an older script has processed is fetched whole: a 304 would keep the new script from ever seeing it.
  const isProcessed = task.track?.process?.ok === true && task.track.scriptHash === project.scriptHash;
  const { etag, lastModified } = isProcessed ? (task.track?.fetch ?? {}) : {};
  return {
    project: task.project,
    taskid: task.taskid,
    attempt: task.attempt,
    url: task.url,
    fetch: withOneProxy(mergeFetchOptions(project.info?.fetchDefaults ?? {}, task.fetch ?? {}), task),
    process: task.process,
    scriptHash: project.scriptHash,
    debug: project.status === "DEBUG",
    retried: task.retried,
    ...(task.save === null ? {} : { save: task.save }),
    ...(task.stored === null ? {} : { stored: task.stored }),
    ...(etag || lastModified ? { validators: { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) } } : {}),
  };
}

/** Of several proxies the task's own, and at each new try the next one. */
function withOneProxy(
  fetch: FetchOptions,
  { taskid, retried, heldBack }: Pick<DispatchedTask, "taskid" | "retried" | "heldBack">,
): FetchOptions {
  return Array.isArray(fetch.proxy) ? { ...fetch, proxy: chooseProxy(fetch.proxy, taskid, retried + heldBack) } : fetch;
}

/** The same for the same task and number of tries before; tasks are spread evenly. False: the list is empty. */
export function chooseProxy(proxies: readonly string[], taskid: string, tries: number): string | false {
  const own = [...taskid].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 2 ** 32, 0);
  return proxies[(own + tries) % proxies.length] ?? false;
}
