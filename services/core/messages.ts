import type { CronTimes } from "./cron.ts";
import type { FetchOptions, Follow, ProcessOptions, Validators } from "./task.ts";

/** Ids under which one dispatch of one task is known everywhere. */
export interface Dispatch {
  project: string;
  taskid: string;
  /** From one Postgres sequence, never reused. Whatever carries an older attempt is refused. */
  attempt: number;
}

/** scheduler -> fetcher: everything that a fetcher and a processor need; neither has a database. */
export interface FetchOrder extends Dispatch {
  url: string;
  /** The project's defaults are merged in already. */
  fetch: FetchOptions;
  process: ProcessOptions;
  /** SHA-256 (hex) of the compiled script, to be had from `Queues.getScript`. */
  scriptHash: string;
  /** `DEBUG` or `RUNNING`: scripts see it as `this.debug`. */
  debug: boolean;
  /** How often this task has failed in a row. */
  retried: number;
  save?: unknown;
  validators?: Validators;
  /** The script's `this.save` of the task's last run. */
  stored?: unknown;
}

/** A problem as a task carries it: `code` is one of services/README.md. */
export interface TaskError {
  code: string;
  message: string;
  /** False: the same task would fail again, so it is not retried. */
  retryable: boolean;
}

/** What a server (or the renderer) answered. `statusCode` 599 means that no complete answer came: see `error`. */
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
  /** What the site's robots.txt asks for between two pages, where it was read and asks for something. */
  crawlDelaySeconds?: number;
  /** A PNG in base64, where the task asked for one. */
  screenshot?: string;
  /** What `jsScript` returned. */
  jsScriptResult?: unknown;
}

/** fetcher -> processor. */
export interface FetchedPage {
  order: FetchOrder;
  page: Page;
}

export interface FetchTrack extends Validators {
  /** Status 429 or 503: the server asked to come back after so many seconds, an hour at most. */
  retryAfterSeconds?: number;
  /** The page's `crawlDelaySeconds`. */
  crawlDelaySeconds?: number;
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
  /** Number of tasks asked for. */
  follows: number;
  /** What the script printed, the last 10,000 characters. */
  logs: string;
  error?: TaskError;
}

/** A message from one project to another (or itself), run there as `onMessage`. */
export interface ProjectMessage {
  project: string;
  /** What it is about; what comes of messages about one URL replaces each other. */
  url: string;
  message: unknown;
}

/** What the class says of itself; the scheduler needs it before it dispatches a project. */
export interface ScriptInfo {
  /** Schedule defaults were applied in `crawl()` already; these are merged at dispatch. */
  fetchDefaults: FetchOptions;
  /** Seconds by number of failures so far; the last applies from then on. Absent: pyspider's delays. */
  retryDelaySeconds?: number[];
  /** Seconds between two dispatches to one host, and tasks of one host in flight. Absent: no limit. */
  hostDelaySeconds?: number;
  hostConcurrency?: number;
  every: { callback: string; seconds: number }[];
  /** Absent: none. */
  cron?: ({ callback: string } & CronTimes)[];
  hasOnFinished: boolean;
  /** Whether it has `onMessage`. Absent: not said. */
  takesMessages?: boolean;
}

/** processor -> result-worker -> scheduler: the one way back. */
export interface Outcome extends Dispatch {
  kind: "outcome";
  /** Names this run of the attempt: when a slow worker and its replacement both finish one attempt, the first to be stored wins. */
  run: string;
  /** What the results belong to: the task's URL, or what a message is about. */
  url: string;
  fetch: FetchTrack;
  process: ProcessTrack;
  /** JSON text a result row. Null: rows of earlier runs stay. The result-worker stores them and passes on null. */
  results: string[] | null;
  follows: Follow[];
  messages: ProjectMessage[];
  /** `this.save`, absent when untouched. */
  stored?: unknown;
  /** Answer to the `_on_get_info` task. */
  info?: ScriptInfo;
  /** Set when a message was given up after killing its workers. */
  dead?: DeadEvidence;
}

export interface DeadEvidence {
  queue: string;
  deliveries: number;
  reason: string;
}

/** A wake-up for the scheduler: a row was added to the inbox, or a project changed. Losing it costs a second. */
export interface Poke {
  kind: "poke";
}

/** The queues and what travels in them. Names are pyspider's. */
export interface QueueMessages {
  scheduler2fetcher: FetchOrder;
  fetcher2processor: FetchedPage;
  processor2result: Outcome;
  status_queue: Outcome | Poke;
}
