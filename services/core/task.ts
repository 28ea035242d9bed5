/**
 * Words: a *task* is one unit of crawl work (a URL and what to do with it), identified by its project and its `taskid`.
 * A *dispatch* hands a task to the roles under an *attempt* id. A *follow* is a task that a callback asked for.
 */

/** pyspider's task states and their numbers in the database. */
export const TASK_STATUS = { ACTIVE: 1, SUCCESS: 2, FAILED: 3, BAD: 4 } as const;
export type TaskStatus = (typeof TASK_STATUS)[keyof typeof TASK_STATUS];
export type TaskStatusName = keyof typeof TASK_STATUS;

/** Where an ACTIVE task stands; null in the database when the task is not ACTIVE. */
export const TASK_QUEUE = { due: 1, waiting: 2, inFlight: 3, inLine: 4 } as const;

export const PROJECT_STATES = ["TODO", "STOP", "CHECKING", "DEBUG", "RUNNING"] as const;
/** The states a project is stored in. PAUSED is computed from its failures and never stored. */
export type ProjectState = (typeof PROJECT_STATES)[number];

/** When and how often a task runs. All optional: a missing field means pyspider's default. Durations in seconds. */
export interface Schedule {
  /** Higher runs first. Default 0. */
  priority?: number;
  /** Re-tries after the first failure. Default 3. */
  retries?: number;
  /** Unix seconds before which the task does not run. Default 0. */
  exetime?: number;
  /** Seconds a crawled page stays fresh; -1, the default, is for ever. */
  age?: number;
  /** Crawl again when this differs from the stored one. */
  itag?: string;
  forceUpdate?: boolean;
  /** With `age`: crawl again whenever the page has gone stale. */
  autoRecrawl?: boolean;
  cancel?: boolean;
}

/** Bytes as tasks carry them. */
export interface Bytes {
  base64: string;
}

/** A GPU-less Chromium paints its window in memory: 4 bytes a pixel. */
export const MAX_VIEWPORT_PIXELS = 16_384;

/** How the page is fetched. Durations in seconds, sizes in bytes. */
export interface FetchOptions {
  /** Default GET, or POST when there is a body. */
  method?: string;
  headers?: Record<string, string>;
  /** Request body: text, or bytes. */
  data?: string | Bytes;
  cookies?: Record<string, string>;
  connectTimeout?: number;
  /** For the whole redirect chain and the body. */
  timeout?: number;
  allowRedirects?: boolean;
  maxRedirects?: number;
  validateCert?: boolean;
  /** True (default): validate with the stored ETag. A string is sent as it is. */
  etag?: boolean | string;
  lastModified?: boolean | string;
  /** The largest body accepted, after decompression. */
  maxBodyBytes?: number;
  /** URL of a proxy; of several one is chosen for each try. False: none, whatever the project's default is. */
  proxy?: string | string[] | false;
  /** True (default): pages that the site's robots.txt closes to us are not fetched. */
  robotsTxt?: boolean;
  /** `js`: through the renderer. `http`, or absent: not. */
  fetchType?: "js" | "http";
  jsScript?: string;
  jsRunAt?: "document-start" | "document-end";
  jsViewportWidth?: number;
  jsViewportHeight?: number;
  loadImages?: boolean;
  /** With `fetchType` "js": a picture of the window comes with the page. */
  screenshot?: boolean;
}

/** What runs on the page. */
export interface ProcessOptions {
  /** A method of the script's class. */
  callback: string;
  /** Seconds the callback may take. */
  processTimeLimit?: number;
}

/** What the last run left behind for conditional requests. */
export interface Validators {
  etag?: string;
  lastModified?: string;
}

/** A task that a callback (or the web UI) asked for. */
export interface Follow {
  /** Absent: the project of the task that asked. */
  project?: string;
  taskid: string;
  url: string;
  schedule?: Schedule;
  fetch?: FetchOptions;
  process: ProcessOptions;
  /** Delivered to the callback as `response.save`. Any JSON value. */
  save?: unknown;
}

/** Ids that begin with an underscore are the platform's own: never listed or counted, and free for no script. */
export const SYSTEM_TASK_PREFIX = "_";
export const INFO_TASKID = "_on_get_info";
export const MESSAGE_TASK_PREFIX = "_on_message_";
/** What a message is about when its sender does not say; pyspider's. */
export const MESSAGE_URL = "data:,on_message";
export const START_TASKID = "on_start";
export const FINISHED_TASKID = "on_finished";
