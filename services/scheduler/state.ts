/** The active scheduler's memory: limited by projects and credit, and rebuilt from Postgres at the start of each term. */
import { KIB } from "../core/protocol/byte-units.ts";
import type { FetchOrder, ScriptInfo } from "../core/protocol/messages.ts";
import type { Schedule } from "../core/protocol/task.ts";
import { type AutoPause, endsPause, NOT_PAUSED } from "./auto-pause.ts";
import { FIRST_WINDOW } from "./concurrency-window.ts";
import { DueCursor } from "./due-cursor.ts";
import { HostLimiter, hasLimits, hostOf, limitsOf } from "./host-limiter.ts";
import { type IntakeDebt, NO_DEBT } from "./intake-limiter.ts";
import { type Logins, NO_LOGINS } from "./logins.ts";
import { SeenTasks } from "./seen-tasks.ts";
import type { BulkOperation } from "./store/bulk-operations.ts";
import type { RejectedRow, ScheduledProject } from "./store/scheduler-projects.ts";
import type { DispatchedTask } from "./store/scheduling.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** 96 MiB at most, for some fifteen million tasks. */
const SEEN_SLOTS = 2 ** 24;
/** The expected page size until a project has pages. */
const FIRST_PAGE_BYTES = 32 * KIB;
/** The newest page counts for an eighth of the expected size. */
const PAGE_BYTES_WEIGHT = 1 / 8;

export interface InFlight {
  project: string;
  taskid: string;
  schedule: Schedule;
  retried: number;
  deferrals: number;
  /** Of a project with per-host limits. */
  host: string | undefined;
  scriptHash: string;
  /** Unix seconds. */
  since: number;
  /** `Logins.version` at its dispatch. */
  session: number;
  /** Estimated at dispatch. */
  bytes: number;
}

/** A project and its measured pace. */
export interface ProjectRuntime {
  record: ScheduledProject;
  bucket?: TokenBucket;
  pause: AutoPause;
  inFlight: number;
  /** Maximum tasks in flight. */
  window: number;
  debt: IntakeDebt;
  pageBytes: number;
  pending: number;
  /** Tasks that fetch something; counted when a project with `maxPages` first needs it. */
  pages: number | undefined;
  logins: Logins;
  /** The script for which `_on_get_info` was requested. */
  infoAskedFor: string;
  /** Unix seconds. */
  infoAskedAt: number;
  /** The project is being cleared: until that ends, none of its tasks is dispatched and none is added. */
  isHeld: boolean;
  readonly dueCursor: DueCursor;
  /** The next `@cron` time of these methods after that tick. */
  nextCron: { info: ScriptInfo | null; lastTick: number; at: number } | undefined;
}

export class SchedulerState {
  readonly projects = new Map<string, ProjectRuntime>();
  /** By attempt. An outcome with another attempt is refused without a query. */
  readonly inFlight = new Map<number, InFlight>();
  inFlightBytes = 0;
  /** Projects that may have due tasks. */
  readonly due = new Set<string>();
  /** Unix seconds: no task waits for a time up to this. */
  wokenTo = 0;
  /** Unix seconds of the next check for tasks past their deadline. */
  overdueAt = 0;
  readonly seen = new SeenTasks(SEEN_SLOTS);
  /** Processed in turn, one step each. */
  readonly bulkOperations: BulkOperation[] = [];
  /** Requests of the inbox, by id, that wait until their project is cleared. */
  readonly deferred = new Map<number, string>();
  /** Invalid rows of the inbox; logged once the round is committed. */
  readonly rejected: RejectedRow[] = [];
  /** By project, for projects with limits and projects that met a host with limits. */
  readonly hosts = new Map<string, HostLimiter>();
  /** Projects that may have tasks in host queues. */
  readonly lines = new Set<string>();
  /** Unix seconds when the first of these queues opens. */
  linesOpenAt = Infinity;

  /** Updates a project from its stored record and keeps its measured pace. */
  setRecord(record: ScheduledProject): void {
    const known = this.projects.get(record.name);
    if (known) {
      if (endsPause(known.record, record))
        Object.assign(known, { pause: NOT_PAUSED, logins: { ...known.logins, askedAt: 0, fruitless: 0 } });
      known.record = { ...record, lastTick: known.record.lastTick, owesFinished: known.record.owesFinished };
    } else this.projects.set(record.name, newProjectRuntime(record, this.isHeld(record.name)));
    this.updateLimits(record.name);
  }

  /** Call it when a project's script has been read again. @returns whether its host limits have changed. */
  updateLimits(project: string): boolean {
    const limits = limitsOf(this.projects.get(project)?.record.info ?? null);
    return (this.hosts.has(project) || hasLimits(limits)) && this.ensureLimiter(project).limit(limits);
  }

  /** A project's host limits. Adds an empty limiter if it has none. */
  ensureLimiter(project: string): HostLimiter {
    const limiter = this.hosts.get(project) ?? new HostLimiter();
    this.hosts.set(project, limiter);
    return limiter;
  }

  /** Removes all state of a deleted project. */
  forget(project: string): void {
    this.forgetTasks(project);
    this.projects.delete(project);
    this.due.delete(project);
    this.hosts.delete(project);
  }

  /** Removes all tasks from memory: outcomes of tasks in flight will not match. */
  forgetTasks(project: string): void {
    this.seen.forget(project);
    this.lines.delete(project);
    for (const [attempt, task] of this.inFlight) if (task.project === project) this.endInFlight(attempt);
    const known = this.projects.get(project);
    if (!known) return;
    Object.assign(known, { pause: NOT_PAUSED, pending: 0, pages: undefined, infoAskedFor: "" });
    known.dueCursor.restart();
    known.record.owesFinished = false;
  }

  /** A task has become due, after all others of its priority. */
  becameDue(project: string, priority: number): void {
    this.due.add(project);
    this.projects.get(project)?.dueCursor.joined(priority);
  }

  /** Tasks have become due that may precede others. */
  cameBack(project: string): void {
    this.due.add(project);
    this.projects.get(project)?.dueCursor.restart();
  }

  /** True while a project, or a deleted one of the same name, is being cleared. */
  isHeld(project: string): boolean {
    return this.bulkOperations.some((bulkOperation) => bulkOperation.kind === "clear" && bulkOperation.project === project);
  }

  /** Call it when a clear has begun or ended. */
  updateHold(project: string): void {
    const isHeld = this.isHeld(project);
    const known = this.projects.get(project);
    if (known) known.isHeld = isHeld;
    if (isHeld) return;
    for (const [id, name] of this.deferred) if (name === project) this.deferred.delete(id);
  }

  /** True until its pause is stored. */
  hasNewPause(name: string): boolean {
    const project = this.projects.get(name);
    return project !== undefined && project.pause.pausedUntil !== project.record.pausedUntil;
  }

  /** Call it after orders were sent to the fetchers. */
  left(orders: FetchOrder[], now: number): void {
    if (this.hosts.size === 0) return;
    for (const { project, url } of orders) {
      const limiter = this.hosts.get(project);
      const host = limiter && hostOf(url);
      if (host !== undefined) limiter?.onEnqueued(host, now);
    }
  }

  /** Drops hosts whose state no longer matters. */
  sweepHosts(now: number): void {
    for (const [project, limiter] of this.hosts) if (limiter.sweep(now) && !this.lines.has(project)) this.hosts.delete(project);
  }

  beginInFlight(task: DispatchedTask, now: number): void {
    const project = this.projects.get(task.project);
    const bytes = project?.pageBytes ?? FIRST_PAGE_BYTES;
    if (project) project.inFlight++;
    this.inFlightBytes += bytes;
    const { taskid, retried, deferrals } = task;
    const scriptHash = project?.record.scriptHash ?? "";
    const host = this.hosts.has(task.project) ? hostOf(task.url) : undefined;
    const schedule = task.schedule ?? {};
    const session = project?.logins.version ?? 0;
    const place = { project: task.project, taskid, schedule, retried, deferrals };
    this.inFlight.set(task.attempt, { ...place, host, scriptHash, since: now, session, bytes });
  }

  /** @param pageBytes size of the page, if there was one. */
  endInFlight(attempt: number, pageBytes?: number): void {
    const task = this.inFlight.get(attempt);
    if (!task) return;
    this.inFlight.delete(attempt);
    this.inFlightBytes -= task.bytes;
    if (task.host !== undefined) this.hosts.get(task.project)?.release(task.host);
    const project = this.projects.get(task.project);
    if (!project) return;
    project.inFlight--;
    if (pageBytes !== undefined) project.pageBytes += (pageBytes - project.pageBytes) * PAGE_BYTES_WEIGHT;
  }
}

function newProjectRuntime(record: ScheduledProject, isHeld: boolean): ProjectRuntime {
  return {
    record,
    pause: { ...NOT_PAUSED, pausedUntil: record.pausedUntil },
    inFlight: 0,
    window: FIRST_WINDOW,
    debt: NO_DEBT,
    pageBytes: FIRST_PAGE_BYTES,
    pending: 0,
    pages: undefined,
    logins: NO_LOGINS,
    infoAskedFor: "",
    infoAskedAt: 0,
    isHeld,
    dueCursor: new DueCursor(),
    nextCron: undefined,
  };
}

/** DEBUG and RUNNING run; there is no difference in scheduling. */
export const isActive = ({ record, isHeld }: ProjectRuntime) => !isHeld && (record.status === "DEBUG" || record.status === "RUNNING");

/** Until a script's declarations are known, only the project's `_on_get_info` is dispatched. */
export const knowsScript = ({ record }: ProjectRuntime) => record.infoHash === record.scriptHash && record.info !== null;
