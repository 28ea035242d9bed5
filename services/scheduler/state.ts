/** What the active scheduler keeps in memory: bounded by projects and by credit, and rebuilt from Postgres at the start of each term. */
import type { FetchOrder, ScriptInfo } from "../core/messages.ts";
import type { Chore } from "../core/store/chores.ts";
import type { ScheduledProject } from "../core/store/scheduler-projects.ts";
import type { DispatchedTask } from "../core/store/scheduling.ts";
import type { Schedule } from "../core/task.ts";
import { type AutoPause, endsPause, NOT_PAUSED } from "./auto-pause.ts";
import { DueFront } from "./due-front.ts";
import { HostBook, hasLimits, hostOf, limitsOf } from "./host-book.ts";
import { type IntakeDebt, NO_DEBT } from "./intake-debt.ts";
import { SeenTasks } from "./seen-tasks.ts";
import type { TokenBucket } from "./token-bucket.ts";
import { FIRST_WINDOW } from "./window.ts";

/** 96 MiB at most, for some fifteen million tasks. */
const SEEN_SLOTS = 2 ** 24;
/** Expected until a project's pages have told better. */
const FIRST_PAGE_BYTES = 32 * 1024;
/** The newest page counts for an eighth of the expectation. */
const PAGE_BYTES_WEIGHT = 1 / 8;

export interface InFlight {
  project: string;
  taskid: string;
  schedule: Schedule;
  retried: number;
  heldBack: number;
  /** Of a project that treats hosts with care. */
  host: string | undefined;
  scriptHash: string;
  /** Unix seconds. */
  since: number;
  /** Estimated when it was dispatched. */
  bytes: number;
}

/** A project and what the scheduler knows of its pace. */
export interface ProjectState {
  record: ScheduledProject;
  bucket?: TokenBucket;
  pause: AutoPause;
  inFlight: number;
  /** How many may be. */
  window: number;
  debt: IntakeDebt;
  pageBytes: number;
  pending: number;
  /** The script whose `_on_get_info` was asked for. */
  infoAskedFor: string;
  /** Unix seconds. */
  infoAskedAt: number;
  /** It is being cleared: nothing of it is dispatched, and nothing is added to it, until that is done. */
  isHeld: boolean;
  readonly front: DueFront;
  /** When its next `@cron` is, of these methods after that tick. */
  nextCron?: { info: ScriptInfo | null; lastTick: number; at: number };
}

export class SchedulerState {
  readonly projects = new Map<string, ProjectState>();
  /** By attempt. An outcome whose attempt is not here is refused without a look at the database. */
  readonly inFlight = new Map<number, InFlight>();
  inFlightBytes = 0;
  /** Projects that may have due tasks. */
  readonly due = new Set<string>();
  /** Unix seconds: no task waits for a moment up to this. */
  wokenTo = 0;
  /** Unix seconds of the next look for tasks that are past their deadline. */
  overdueAt = 0;
  readonly seen = new SeenTasks(SEEN_SLOTS);
  /** Done in turn, a step each. */
  readonly chores: Chore[] = [];
  /** Requests of the inbox, by id, that wait until their project has been cleared. */
  readonly deferred = new Map<number, string>();
  /** By project, for those that have limits, or met a host that asks for some. */
  readonly hosts = new Map<string, HostBook>();
  /** Projects that may have tasks in line for their hosts. */
  readonly lines = new Set<string>();
  /** Unix seconds when the first of these lines opens. */
  linesOpenAt = Infinity;

  /** Takes over a project's record as stored now, keeping what is known of its pace. */
  setRecord(record: ScheduledProject): void {
    const known = this.projects.get(record.name);
    if (known) {
      if (endsPause(known.record, record)) known.pause = NOT_PAUSED;
      known.record = { ...record, lastTick: known.record.lastTick, owesFinished: known.record.owesFinished };
    } else this.projects.set(record.name, newProjectState(record, this.isHeld(record.name)));
    this.updateLimits(record.name);
  }

  /** Call it when a project's script is known anew. @returns whether it treats its hosts otherwise from now on. */
  updateLimits(project: string): boolean {
    const limits = limitsOf(this.projects.get(project)?.record.info ?? null);
    return (this.hosts.has(project) || hasLimits(limits)) && this.bookOf(project).limit(limits);
  }

  /** What is known of a project's hosts; a new book if it had none. */
  bookOf(project: string): HostBook {
    const book = this.hosts.get(project) ?? new HostBook();
    this.hosts.set(project, book);
    return book;
  }

  /** Everything of a project that has been deleted. */
  forget(project: string): void {
    this.forgetTasks(project);
    this.projects.delete(project);
    this.due.delete(project);
    this.hosts.delete(project);
  }

  /** Everything that was done or is to be done: outcomes of what is in flight will find nobody. */
  forgetTasks(project: string): void {
    this.seen.forget(project);
    this.lines.delete(project);
    for (const [attempt, task] of this.inFlight) if (task.project === project) this.endInFlight(attempt);
    const known = this.projects.get(project);
    if (!known) return;
    Object.assign(known, { pause: NOT_PAUSED, pending: 0, infoAskedFor: "" });
    known.front.restart();
    known.record.owesFinished = false;
  }

  /** A task has become due, behind all others of its priority. */
  becameDue(project: string, priority: number): void {
    this.due.add(project);
    this.projects.get(project)?.front.joined(priority);
  }

  /** Tasks have become due that may stand before others. */
  cameBack(project: string): void {
    this.due.add(project);
    this.projects.get(project)?.front.restart();
  }

  /** True while a project, or one of the same name that is gone, is being cleared. */
  isHeld(project: string): boolean {
    return this.chores.some((chore) => chore.kind === "clear" && chore.project === project);
  }

  /** Call it when a clear has begun or has been done. */
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

  /** Call it when tasks have left for the fetchers. */
  left(orders: FetchOrder[], now: number): void {
    if (this.hosts.size === 0) return;
    for (const { project, url } of orders) {
      const host = this.hosts.has(project) ? hostOf(url) : undefined;
      if (host !== undefined) this.bookOf(project).left(host, now);
    }
  }

  /** Forgets what is known of hosts and does not count any more. */
  sweepHosts(now: number): void {
    for (const [project, book] of this.hosts) if (book.sweep(now) && !this.lines.has(project)) this.hosts.delete(project);
  }

  beginInFlight(task: DispatchedTask, now: number): void {
    const project = this.projects.get(task.project);
    const bytes = project?.pageBytes ?? FIRST_PAGE_BYTES;
    if (project) project.inFlight++;
    this.inFlightBytes += bytes;
    const { taskid, retried, heldBack } = task;
    const scriptHash = project?.record.scriptHash ?? "";
    const host = this.hosts.has(task.project) ? hostOf(task.url) : undefined;
    const schedule = task.schedule ?? {};
    this.inFlight.set(task.attempt, { project: task.project, taskid, schedule, retried, heldBack, host, scriptHash, since: now, bytes });
  }

  /** @param pageBytes what came, if a page came. */
  endInFlight(attempt: number, pageBytes?: number): void {
    const task = this.inFlight.get(attempt);
    if (!task) return;
    this.inFlight.delete(attempt);
    this.inFlightBytes -= task.bytes;
    if (task.host !== undefined) this.hosts.get(task.project)?.end(task.host);
    const project = this.projects.get(task.project);
    if (!project) return;
    project.inFlight--;
    if (pageBytes !== undefined) project.pageBytes += (pageBytes - project.pageBytes) * PAGE_BYTES_WEIGHT;
  }
}

function newProjectState(record: ScheduledProject, isHeld: boolean): ProjectState {
  return {
    record,
    pause: { failuresInRow: 0, pausedUntil: record.pausedUntil },
    inFlight: 0,
    window: FIRST_WINDOW,
    debt: NO_DEBT,
    pageBytes: FIRST_PAGE_BYTES,
    pending: 0,
    infoAskedFor: "",
    infoAskedAt: 0,
    isHeld,
    front: new DueFront(),
  };
}

/** DEBUG and RUNNING run; there is no difference in scheduling. */
export const isActive = ({ record, isHeld }: ProjectState) => !isHeld && (record.status === "DEBUG" || record.status === "RUNNING");

/** Nothing of a project but `_on_get_info` is dispatched until it is known what its script says of itself. */
export const knowsScript = ({ record }: ProjectState) => record.infoHash === record.scriptHash && record.info !== null;
