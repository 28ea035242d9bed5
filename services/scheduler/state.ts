/** What the active scheduler keeps in memory: bounded by projects and by credit, and rebuilt from Postgres at the start of each term. */
import type { ScheduledProject } from "../core/store/scheduler-projects.ts";
import type { DispatchedTask } from "../core/store/scheduling.ts";
import type { Schedule } from "../core/task.ts";
import { type AutoPause, endsPause, NOT_PAUSED } from "./auto-pause.ts";
import { SeenTasks } from "./seen-tasks.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** About 30 MB at most. */
const SEEN_TASKS = 200_000;
/** Expected until a project's pages have told better. */
const FIRST_PAGE_BYTES = 32 * 1024;
/** The newest page counts for an eighth of the expectation. */
const PAGE_BYTES_WEIGHT = 1 / 8;

export interface InFlight {
  project: string;
  taskid: string;
  schedule: Schedule;
  retried: number;
  scriptHash: string;
  /** Estimated when it was dispatched. */
  bytes: number;
}

/** A project and what the scheduler knows of its pace. */
export interface ProjectState {
  record: ScheduledProject;
  bucket?: TokenBucket;
  pause: AutoPause;
  inFlight: number;
  pageBytes: number;
  pending: number;
  /** The script whose `_on_get_info` was asked for. */
  infoAskedFor: string;
}

export class SchedulerState {
  readonly projects = new Map<string, ProjectState>();
  /** By attempt. An outcome whose attempt is not here is refused without a look at the database. */
  readonly inFlight = new Map<number, InFlight>();
  inFlightBytes = 0;
  /** Projects that may have due tasks. */
  readonly due = new Set<string>();
  readonly seen = new SeenTasks(SEEN_TASKS);

  /** Takes over a project's record as stored now, keeping what is known of its pace. */
  setRecord(record: ScheduledProject): void {
    const known = this.projects.get(record.name);
    if (!known) {
      this.projects.set(record.name, newProjectState(record));
      return;
    }
    if (endsPause(known.record, record)) known.pause = NOT_PAUSED;
    known.record = { ...record, lastTick: known.record.lastTick, owesFinished: known.record.owesFinished };
  }

  /** Everything of a project that has been deleted. */
  forget(project: string): void {
    this.projects.delete(project);
    this.due.delete(project);
    this.seen.clear();
    for (const [attempt, task] of this.inFlight) if (task.project === project) this.endInFlight(attempt);
  }

  beginInFlight(task: DispatchedTask): void {
    const project = this.projects.get(task.project);
    const bytes = project?.pageBytes ?? FIRST_PAGE_BYTES;
    if (project) project.inFlight++;
    this.inFlightBytes += bytes;
    const { taskid, retried } = task;
    const scriptHash = project?.record.scriptHash ?? "";
    this.inFlight.set(task.attempt, { project: task.project, taskid, schedule: task.schedule ?? {}, retried, scriptHash, bytes });
  }

  /** @param pageBytes what came, if a page came. */
  endInFlight(attempt: number, pageBytes?: number): void {
    const task = this.inFlight.get(attempt);
    if (!task) return;
    this.inFlight.delete(attempt);
    this.inFlightBytes -= task.bytes;
    const project = this.projects.get(task.project);
    if (!project) return;
    project.inFlight--;
    if (pageBytes !== undefined) project.pageBytes += (pageBytes - project.pageBytes) * PAGE_BYTES_WEIGHT;
  }
}

function newProjectState(record: ScheduledProject): ProjectState {
  return {
    record,
    pause: { failuresInRow: 0, pausedUntil: record.pausedUntil },
    inFlight: 0,
    pageBytes: FIRST_PAGE_BYTES,
    pending: 0,
    infoAskedFor: "",
  };
}

/** DEBUG and RUNNING run; there is no difference in scheduling. */
export const isActive = ({ record }: ProjectState) => record.status === "DEBUG" || record.status === "RUNNING";

/** Nothing of a project but `_on_get_info` is dispatched until it is known what its script says of itself. */
export const knowsScript = ({ record }: ProjectState) => record.infoHash === record.scriptHash && record.info !== null;
