/** A message to a project is a task of that project that fetches nothing and calls `onMessage`. */
import { type Follow, MESSAGE_TASK_PREFIX, MESSAGE_URL } from "./task.ts";
import { taskidOfUrl } from "./taskid.ts";

/** Higher than the priorities that scripts usually set, as in pyspider. */
const PRIORITY = 9;

export interface SentMessage {
  /** The project that sent it; empty for the REST API. */
  project: string;
  message: unknown;
  /** The message's URL; results are stored under it. */
  url: string;
}

/** @param id makes this message a separate task, so that two messages before the first run do not become one. */
export const messageTask = (id: string, sent: SentMessage): Follow => ({
  taskid: MESSAGE_TASK_PREFIX + id,
  url: MESSAGE_URL,
  schedule: { priority: PRIORITY },
  process: { callback: "onMessage" },
  save: sent,
});

/** The URL of a run's results: the page's, or the message's. */
export function resultUrl({ taskid, url, save }: { taskid: string; url: string; save?: unknown }): string {
  if (!taskid.startsWith(MESSAGE_TASK_PREFIX)) return url;
  return (save as Partial<SentMessage> | undefined)?.url ?? url;
}

/**
 * The task under which a run's results are stored. Results of messages about one URL replace each other, as in pyspider. So a page that is crawled
 * again and sends again leaves no old rows. A message without a URL has separate results.
 */
export function resultTaskid({ taskid, url }: { taskid: string; url: string }): string {
  if (!taskid.startsWith(MESSAGE_TASK_PREFIX) || url === MESSAGE_URL) return taskid;
  return taskidOfUrl(url);
}
