/** The tasks that the scheduler itself requests. */
import { infoTask } from "../core/protocol/info-task.ts";
import { FINISHED_TASKID } from "../core/protocol/task.ts";
import type { Request } from "./intake.ts";
import { isFinished } from "./on-finished.ts";
import { isActive, knowsScript, type ProjectRuntime, type SchedulerState } from "./state.ts";
import { type CronMethod, dueCronTicks, dueTicks, nextCronTick, type Tick } from "./ticks.ts";

/** Above the priorities that scripts usually set, as in pyspider. */
const PRIORITY = 9;

/** If reading a script's declarations failed, for any reason, it is repeated. */
const ASK_AGAIN_SECONDS = 600;

/** Requests `_on_get_info` for each active project with a new script, and notes it. No other task of the project runs until that has succeeded. */
export function requestInfo(state: SchedulerState, now: number): Request[] {
  const projects = [...state.projects.values()].filter((project) => needsInfo(project, now));
  for (const project of projects) {
    project.infoAskedFor = project.record.scriptHash;
    project.infoAskedAt = now;
  }
  return projects.map(({ record }) => ({
    ...infoTask,
    project: record.name,
    schedule: { forceUpdate: true },
  }));
}

function needsInfo(project: ProjectRuntime, now: number): boolean {
  if (!isActive(project) || knowsScript(project)) return false;
  return project.infoAskedFor !== project.record.scriptHash || now - project.infoAskedAt >= ASK_AGAIN_SECONDS;
}

/** Requests a task for each due tick of `@every` and `@cron`, and moves `lastTick` on. Adds projects whose `lastTick` is to be stored to `changed`. */
export function requestTicks(state: SchedulerState, now: number, changed: Set<string>): Request[] {
  const second = Math.floor(now);
  return [...state.projects.values()].flatMap((project) => {
    const { record } = project;
    const { ticks, lastTick, nextCron } = decideTicks(project, second);
    if (lastTick > 0 && lastTick !== record.lastTick) changed.add(record.name);
    record.lastTick = lastTick;
    project.nextCron = nextCron;
    return ticks.map((tick) => toRequest(record.name, tick));
  });
}

interface TickDecision extends Pick<ProjectRuntime, "nextCron"> {
  ticks: Tick[];
  lastTick: number;
}

/**
 * The due ticks of a project. A stopped project misses its ticks. A project whose new script's declarations are being read, or that is being cleared,
 * does not.
 */
export function decideTicks(project: ProjectRuntime, second: number): TickDecision {
  const { isHeld, nextCron } = project;
  const { info, lastTick } = project.record;
  const none = { ticks: [], nextCron };
  if (!isActive(project)) return { ...none, lastTick: isHeld ? lastTick : 0 };
  if (!knowsScript(project) || !info) return { ...none, lastTick };
  const { every, cron = [] } = info;
  if (every.length + cron.length === 0) return { ...none, lastTick: 0 };
  const next = nextCronOf(project, cron);
  const cronTicks = next !== undefined && second >= next.at ? dueCronTicks(cron, lastTick, second) : [];
  const ticks = [...dueTicks(every, lastTick, second), ...cronTicks];
  return { ticks, lastTick: ticks.length > 0 || lastTick === 0 ? second : lastTick, nextCron: next };
}

/** A method that is due by two decorators in the same second runs once. */
const toRequest = (project: string, { callback, at }: Tick): Request => ({
  project,
  taskid: `_every_${callback}_${at}`,
  url: `data:,${callback}`,
  schedule: { priority: PRIORITY },
  process: { callback },
  save: { tick: at },
});

/** The project's next `@cron` time: the known one, if it is still valid. A calendar look-up costs 0.1 ms. */
function nextCronOf({ record, nextCron }: ProjectRuntime, cron: CronMethod[]): ProjectRuntime["nextCron"] {
  const { lastTick, info } = record;
  if (cron.length === 0 || lastTick === 0) return undefined;
  return nextCron?.info === info && nextCron.lastTick === lastTick ? nextCron : { info, lastTick, at: nextCronTick(cron, lastTick) };
}

/** Requests `onFinished` for each project that has run a task since the last one and has no pending tasks, and notes it. Adds them to `changed`. */
export function requestFinished(state: SchedulerState, changed: Set<string>): Request[] {
  const projects = [...state.projects.values()].filter(hasFinished);
  for (const { record } of projects) {
    record.owesFinished = false;
    changed.add(record.name);
  }
  return projects.map(({ record }) => ({
    project: record.name,
    taskid: FINISHED_TASKID,
    url: "data:,on_finished",
    schedule: { priority: PRIORITY, forceUpdate: true },
    process: { callback: "onFinished" },
  }));
}

const hasFinished = (project: ProjectRuntime) =>
  isFinished({ owes: project.record.owesFinished, pending: project.pending, isActive: isActive(project) });
