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
    fetch: mergeFetchOptions(project.info?.fetchDefaults ?? {}, task.fetch ?? {}),
    process: task.process,
    scriptHash: project.scriptHash,
    debug: project.status === "DEBUG",
    retried: task.retried,
    ...(task.save === null ? {} : { save: task.save }),
    ...(task.stored === null ? {} : { stored: task.stored }),
    ...(etag || lastModified ? { validators: { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) } } : {}),
  };
}

/** The task's own options win; headers and cookies are merged key by key. */
export function mergeFetchOptions(defaults: FetchOptions, own: FetchOptions): FetchOptions {
  const merged: FetchOptions = { ...defaults, ...own };
  if (defaults.headers && own.headers) merged.headers = { ...defaults.headers, ...own.headers };
  if (defaults.cookies && own.cookies) merged.cookies = { ...defaults.cookies, ...own.cookies };
  return merged;
}
