import type { CronTimes } from "./cron.ts";
import type { FetchOptions } from "./fetch-options.ts";
import type { Session } from "./session.ts";
import type { Skipped } from "./skipped.ts";
import type { Follow, ProcessOptions, Validators } from "./task.ts";
import type { TaskSelection } from "./task-selection.ts";

/** The ids of one dispatch of one task, used in every role. */
export interface Dispatch {
  project: string;
  taskid: string;
  /** From one Postgres sequence, never reused. Anything that carries an older attempt is refused. */
  attempt: number;
}

/** scheduler -> fetcher: everything that a fetcher and a processor need, because neither has a database. */
export interface FetchOrder extends Dispatch {
  url: string;
  /** Already includes the project's defaults. */
  fetch: FetchOptions;
  process: ProcessOptions;
  /** SHA-256 (hex) of the compiled script, which `Queues.getScript` returns. */
  scriptHash: string;
  /** `DEBUG` or `RUNNING`: scripts see it as `this.debug`. */
  debug: boolean;
  /** Failures of this task in a row. */
  retried: number;
  save?: unknown;
  validators?: Validators;
  /** The script's `this.save` of the task's last run. */
  stored?: unknown;
  /** The page goes into the outcome, to be kept. */
  keepsPage?: true;
  /** The task's kept page (`packPage`): the fetcher passes it on, and fetches nothing. */
  keptPage?: string;
  /** Makes the order a step of the debugger. */
  step?: DebugStep;
}

/** The part of an order that makes it a step of the debugger. */
export interface DebugStep {
  /** The id under which the processor leaves the answer. */
  id: string;
  /** The compiled script, because it is not saved. */
  compiled: string;
}

/** An error as a task carries it: `code` is one of services/README.md. */
export interface TaskError {
  code: string;
  message: string;
  /** False: the same task would fail again, so it is not retried. */
  retryable: boolean;
}

/** The response of a server (or the renderer). `statusCode` 599 means that no complete response arrived: see `error`. */
export interface Page {
  /** After redirects. */
  url: string;
  origUrl: string;
  statusCode: number;
  /** Lower-case names; repeated headers joined by ", ". */
  headers: Record<string, string>;
  cookies: Record<string, string>;
  /** Decompressed body. */
  content: Uint8Array;
  timeMs: number;
  error?: TaskError;
  /** The crawl delay in the site's robots.txt, if it was read and has one. */
  crawlDelaySeconds?: number;
  /** A PNG in base64, if the task requested one. */
  screenshot?: string;
  /** The result of `jsScript`. */
  jsScriptResult?: unknown;
  /** Answers to requests of the rendered page, as `captureRequests` asked for. */
  requests?: CapturedRequest[];
  /** What is missing from the page although it arrived. */
  warnings?: string[];
}

/** The answer to a request that a rendered page made. */
export interface CapturedRequest {
  url: string;
  method: string;
  statusCode: number;
  /** Lower-case names. */
  headers: Record<string, string>;
  /** The body, decoded as UTF-8. */
  text: string;
}

/** fetcher -> processor. */
export interface FetchedPage {
  order: FetchOrder;
  page: Page;
}

export interface FetchTrack extends Validators {
  /** Status 429 or 503: the server's retry-after in seconds, an hour at most. */
  retryAfterSeconds?: number;
  /** The page's `crawlDelaySeconds`. */
  crawlDelaySeconds?: number;
  /** The server refuses the crawl for now, and not only this page. Absent: it does not. */
  isBlocked?: boolean;
  ok: boolean;
  statusCode: number;
  timeMs: number;
  bytes: number;
  redirectUrl?: string;
  error?: TaskError;
}

export interface ProcessTrack {
  ok: boolean;
  timeMs: number;
  /** Number of requested tasks. */
  follows: number;
  /** Links that were skipped. Absent: none. */
  skipped?: Skipped;
  /** The script's output, the last 10,000 characters. */
  logs: string;
  error?: TaskError;
}

/** A message from one project to another (or itself), run there as `onMessage`. */
export interface ProjectMessage {
  project: string;
  /** The URL of the message; results of messages about one URL replace each other. */
  url: string;
  message: unknown;
}

/** The declarations of the class; the scheduler needs them before it dispatches a project. */
export interface ScriptInfo {
  /** Schedule defaults were applied in `crawl()` already; these are merged at dispatch. */
  fetchDefaults: FetchOptions;
  /** Seconds by number of failures so far; the last applies to all further failures. Absent: pyspider's delays. */
  retryDelaySeconds?: number[];
  /** Seconds between two dispatches to one host, and tasks of one host in flight. Absent: no limit. */
  hostDelaySeconds?: number;
  hostConcurrency?: number;
  /** Maximum tasks of the project that fetch something. Absent: no limit. */
  maxPages?: number;
  every: { callback: string; seconds: number }[];
  /** Absent: none. */
  cron?: ({ callback: string } & CronTimes)[];
  hasOnFinished: boolean;
  /** Whether the class has `onLogin`. Absent: no. */
  hasLogin?: boolean;
  /** Whether the class has `onMessage`. Absent: unknown. */
  takesMessages?: boolean;
}

/** processor -> result-worker -> scheduler: the only path back. */
export interface Outcome extends Dispatch {
  kind: "outcome";
  /** Names this run of the attempt: if a slow worker and its replacement both finish one attempt, the first stored run is kept. */
  run: string;
  /** The owner of the results: the task's URL, or the message's. */
  url: string;
  fetch: FetchTrack;
  process: ProcessTrack;
  /** JSON text per result row. Null: rows of earlier runs stay. The result-worker stores them and passes on null. */
  results: string[] | null;
  follows: Follow[];
  messages: ProjectMessage[];
  /** `this.save`, absent when untouched. */
  stored?: unknown;
  /** The session that the callback began. */
  session?: Session;
  /** The page, to be kept (`packPage`). The result-worker stores it and does not pass it on. */
  keptPage?: string;
  /** Answer to the `_on_get_info` task. */
  info?: ScriptInfo;
  /** Set when a message was quarantined after killing its workers. */
  dead?: DeadEvidence;
}

export interface DeadEvidence {
  queue: string;
  deliveries: number;
  reason: string;
}

/** A wake-up for the scheduler: a row was added to the inbox, or a project changed. Losing it delays the scheduler by a second. */
export interface Poke {
  kind: "poke";
}

/** The queues and their message types. Names are pyspider's. */
export interface QueueMessages {
  scheduler2fetcher: FetchOrder;
  fetcher2processor: FetchedPage;
  processor2result: Outcome;
  status_queue: Outcome | Poke;
}

/** Requests of the web UI and the commands to the scheduler. */
export type InboxRequest =
  | { kind: "follows"; project: string; follows: Follow[] }
  | { kind: "project"; project: string }
  /** Run one task again, whatever its state; or run all FAILED tasks again. */
  | { kind: "rerun"; project: string; taskid: string }
  | { kind: "rerunFailed"; project: string }
  /** Run the ended tasks of a selection again; with `keptPages`, those that have a kept page run from it. */
  | { kind: "rerunSelected"; project: string; selection: TaskSelection; keptPages: boolean }
  /** Remove all tasks and results; the project itself stays, or is removed already. */
  | { kind: "clear"; project: string }
  | { kind: "delete"; project: string };
