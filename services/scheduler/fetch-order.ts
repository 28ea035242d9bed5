import { withOneProxy } from "../core/protocol/choose-proxy.ts";
import { type FetchOptions, mergeFetchOptions } from "../core/protocol/fetch-options.ts";
import type { FetchOrder } from "../core/protocol/messages.ts";
import { isLoginTask, sessionCookies } from "../core/protocol/session.ts";
import { hasSession } from "./logins.ts";
import type { ScheduledProject } from "./store/scheduler-projects.ts";
import type { DispatchedTask } from "./store/scheduling.ts";

/**
 * A dispatched task with what fetcher and processor need. A changed header in the script also applies to tasks queued before, as in pyspider.
 *
 * @param keptPage the page to process; absent: it is fetched.
 */
export function toFetchOrder(task: DispatchedTask, project: ScheduledProject, keptPage?: string): FetchOrder {
  // If an older script has processed the page, it is fetched without validators: after a 304 the new script would never see it.
  const isProcessed = task.track?.process?.ok === true && task.track.scriptHash === project.scriptHash;
  const { etag, lastModified } = isProcessed ? (task.track?.fetch ?? {}) : {};
  return {
    project: task.project,
    taskid: task.taskid,
    attempt: task.attempt,
    url: task.url,
    fetch: withOneProxy(fetchOptionsOf(task, project), task.taskid, task.retried + task.deferrals),
    process: task.process,
    scriptHash: project.scriptHash,
    debug: project.status === "DEBUG",
    retried: task.retried,
    ...(task.save === null ? {} : { save: task.save }),
    ...(task.stored === null ? {} : { stored: task.stored }),
    ...(keptPage === undefined ? (project.keepsPages ? { keepsPage: true } : {}) : { keptPage }),
    ...(etag || lastModified ? { validators: { ...(etag ? { etag } : {}), ...(lastModified ? { lastModified } : {}) } } : {}),
  };
}

/** The project's options, the task's, and the session's cookies as they are now; a task may carry cookies of an ended session. */
function fetchOptionsOf({ taskid, url, fetch }: DispatchedTask, { info, session }: ScheduledProject): FetchOptions {
  const options = mergeFetchOptions(info?.fetchDefaults ?? {}, fetch ?? {});
  const cookies = info?.hasLogin && hasSession(session) && !isLoginTask(taskid) ? sessionCookies(session, url) : undefined;
  return cookies ? mergeFetchOptions(options, { cookies }) : options;
}
