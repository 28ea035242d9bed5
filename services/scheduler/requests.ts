/** The tasks that the scheduler itself asks for. */
import { FINISHED_TASKID, INFO_TASKID } from "../core/task.ts";
import type { Request } from "./intake.ts";
import { isFinished } from "./on-finished.ts";
import { isActive, knowsScript, type ProjectState, type SchedulerState } from "./state.ts";
import { type CronMethod, dueCronTicks, dueTicks, nextCronTick, type Tick } from "./ticks.ts";

/** Above what scripts usually ask for, as in pyspider. */
const PRIORITY = 9;

/** A script that could not be asked what it says of itself, for whatever reason, is asked again. */
const ASK_AGAIN_SECONDS = 600;

/** `_on_get_info` for each active project whose script is new; nothing else of it runs until that has succeeded. */
export function infoRequests(state: SchedulerState, now: number): Request[] {
  return [...state.projects.values()]
    .filter((project) => needsInfo(project, now))
    .map((project) => {
      project.infoAskedFor = project.record.scriptHash;
      project.infoAskedAt = now;
      return {
        project: project.record.name,
        taskid: INFO_TASKID,
        url: "data:,_on_get_info",
        schedule: { forceUpdate: true },
        process: { callback: "_info" },
      };
    });
}

function needsInfo(project: ProjectState, now: number): boolean {
  if (!isActive(project) || knowsScript(project)) return false;
  return project.infoAskedFor !== project.record.scriptHash || now - project.infoAskedAt >= ASK_AGAIN_SECONDS;
}

/**
 * A task for each tick of `@every` and `@cron` that is due; `lastTick` moves on. A project that does not run misses its ticks; one whose new script is
 * being asked what it says of itself, or that is being cleared, does not.
 */
export function tickRequests(state: SchedulerState, now: number, changed: Set<string>): Request[] {
  const second = Math.floor(now);
  return [...state.projects.values()].flatMap((project) => {
    const { record } = project;
    if (!isActive(project) && !project.isHeld) record.lastTick = 0;
    if (!isActive(project) || !knowsScript(project) || !record.info) return [];
    const { every, cron = [] } = record.info;
    if (every.length + cron.length === 0) {
      record.lastTick = 0;
      return [];
    }
    const ticks = [...dueTicks(every, record.lastTick, second), ...cronTicks(project, cron, second)];
    if (ticks.length > 0 || record.lastTick === 0) {
      record.lastTick = second;
      changed.add(record.name);
    }
    return ticks.map((tick) => toRequest(record.name, tick));
  });
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

/** Asking a calendar costs some 0.1 ms, so each project is asked again only when its next tick has come. */
function cronTicks(project: ProjectState, cron: CronMethod[], second: number): Tick[] {
  const { lastTick, info } = project.record;
  if (cron.length === 0 || lastTick === 0) return [];
  if (project.nextCron?.info !== info || project.nextCron?.lastTick !== lastTick) {
    project.nextCron = { info, lastTick, at: nextCronTick(cron, lastTick) };
  }
  return second < project.nextCron.at ? [] : dueCronTicks(cron, lastTick, second);
}

/** `onFinished` for each project that has run something since the last one and has nothing pending any more. */
export function finishedRequests(state: SchedulerState, changed: Set<string>): Request[] {
  return [...state.projects.values()].filter(hasFinished).map(({ record }) => {
    record.owesFinished = false;
    changed.add(record.name);
    return {
      project: record.name,
      taskid: FINISHED_TASKID,
      url: "data:,on_finished",
      schedule: { priority: PRIORITY, forceUpdate: true },
      process: { callback: "onFinished" },
    };
  });
}

const hasFinished = (project: ProjectState) =>
  isFinished({ owes: project.record.owesFinished, pending: project.pending, isActive: isActive(project) });
