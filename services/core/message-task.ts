/** A message to a project is a task of it that fetches nothing and calls `onMessage`. */
import { createHash } from "node:crypto";
import { type Follow, MESSAGE_TASK_PREFIX, MESSAGE_URL } from "./task.ts";

/** Above what scripts usually ask for, as in pyspider. */
const PRIORITY = 9;

export interface SentMessage {
  /** The project that sent it; empty for the REST API. */
  project: string;
  message: unknown;
  /** What the message is about; results are stored under it. */
  url: string;
}

/** @param id makes this message a task of its own, so that two before the first has run do not become one. */
export const messageTask = (id: string, sent: SentMessage): Follow => ({
  taskid: MESSAGE_TASK_PREFIX + id,
  url: MESSAGE_URL,
  schedule: { priority: PRIORITY },
  process: { callback: "onMessage" },
  save: sent,
});

/** The URL that results of a run belong to: the page's, or what a message is about. */
export function resultUrl({ taskid, url, save }: { taskid: string; url: string; save?: unknown }): string {
  if (!taskid.startsWith(MESSAGE_TASK_PREFIX)) return url;
  return (save as Partial<SentMessage> | undefined)?.url ?? url;
}

/**
 * The task that results of a run are stored under. What comes of messages about one URL replaces each other, as in pyspider, so that a page that is
 * crawled again and sends again leaves no rows behind; a message about nothing has results of its own.
 */
export function resultTaskid({ taskid, url }: { taskid: string; url: string }): string {
  if (!taskid.startsWith(MESSAGE_TASK_PREFIX) || url === MESSAGE_URL) return taskid;
  return createHash("md5").update(url).digest("hex");
}
