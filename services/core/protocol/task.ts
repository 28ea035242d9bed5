/**
 * Terms: a *task* is one unit of crawl work (a URL and its callback), identified by its project and its `taskid`.
 * A *dispatch* sends a task to the roles under an *attempt* id. A *follow* is a task that a callback requested.
 */
import type { FetchOptions } from "./fetch-options.ts";
import type { StatusPolicies } from "./status-policy.ts";

/** pyspider's task states and their numbers in the database. */
export const TASK_STATUS = { ACTIVE: 1, SUCCESS: 2, FAILED: 3, BAD: 4 } as const;
export type TaskStatus = (typeof TASK_STATUS)[keyof typeof TASK_STATUS];
export type TaskStatusName = keyof typeof TASK_STATUS;

/** The queue of an ACTIVE task; null in the database when the task is not ACTIVE. */
export const TASK_QUEUE = { due: 1, waiting: 2, inFlight: 3, hostBlocked: 4 } as const;
export type TaskQueueName = keyof typeof TASK_QUEUE;
/** The number of one of these queues in the database. */
export type TaskQueue<Name extends TaskQueueName = TaskQueueName> = (typeof TASK_QUEUE)[Name];

export const PROJECT_STATUSES = ["TODO", "STOP", "CHECKING", "DEBUG", "RUNNING"] as const;
/** The stored states of a project. PAUSED is computed from its failures and never stored. */
export type ProjectStatus = (typeof PROJECT_STATUSES)[number];

/** When and how often a task runs. All optional: a missing field means pyspider's default. Durations in seconds. */
export interface Schedule {
  /** Higher runs first. Default 0. */
  priority?: number;
  /** Retries after the first failure. Default 3. */
  retries?: number;
  /** Other retries and delays after pages with these statuses. */
  byStatus?: StatusPolicies;
  /** Unix seconds before which the task does not run. Default 0. */
  exetime?: number;
  /** Seconds a crawled page stays fresh; -1, the default, means always. */
  age?: number;
  /** Crawl again when this differs from the stored one. */
  itag?: string;
  forceUpdate?: boolean;
  /** With `age`: crawl again whenever the page is no longer fresh. */
  autoRecrawl?: boolean;
  cancel?: boolean;
}

/**
 * How a page becomes a document. `html` and `xml`: htmlparser2, fast, and as the source is written. `html5`: the tree of browsers (parse5), in about four
 * times the time.
 */
export const MARKUP_PARSERS = ["html", "html5", "xml"] as const;
export type MarkupParser = (typeof MARKUP_PARSERS)[number];
export const isMarkupParser = (value: unknown): value is MarkupParser => MARKUP_PARSERS.includes(value as MarkupParser);

/** The callback of a page. */
export interface ProcessOptions {
  /** A method of the script's class. */
  callback: string;
  /** Seconds the callback may take. */
  processTimeLimit?: number;
  /** Absent: `xml` for pages that are served as XML, otherwise `html`. */
  parser?: MarkupParser;
  /** How many links led to the page. Set if the project has a `maxDepth`. */
  depth?: number;
}

/** Validators of the last run, for conditional requests. */
export interface Validators {
  etag?: string;
  lastModified?: string;
}

/** A task that a callback (or the web UI) requested. */
export interface Follow {
  /** Absent: the project of the requesting task. */
  project?: string;
  taskid: string;
  url: string;
  schedule?: Schedule;
  fetch?: FetchOptions;
  process: ProcessOptions;
  /** Passed to the callback as `response.save`. Any JSON value. */
  save?: unknown;
}

/** Ids that begin with an underscore are reserved for the platform: they are never listed or counted, and scripts cannot use them. */
export const SYSTEM_TASK_PREFIX = "_";
export const INFO_TASKID = "_on_get_info";
export const MESSAGE_TASK_PREFIX = "_on_message_";
/** The URL of a message if its sender sets none; pyspider's. */
export const MESSAGE_URL = "data:,on_message";
export const START_TASKID = "on_start";
export const FINISHED_TASKID = "on_finished";
