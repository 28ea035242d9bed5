/** The tasks that the scheduler itself asks for. */
import { FINISHED_TASKID, INFO_TASKID } from "../core/task.ts";
import type { Request } from "./intake.ts";
import { isFinished } from "./on-finished.ts";
import { isActive, knowsScript, type ProjectState, type SchedulerState } from "./state.ts";
import { dueTicks } from "./ticks.ts";

/** Above what scripts usually ask for, as in pyspider. */
const PRIORITY = 9;

/** `_on_get_info` for each active project whose script is new, once a script. */
export function infoRequests(state: SchedulerState): Request[] {
  return [...state.projects.values()].filter(needsInfo).map((project) => {
    project.infoAskedFor = project.record.scriptHash;
    return {
      project: project.record.name,
      taskid: INFO_TASKID,
      url: "data:,_on_get_info",
      schedule: { forceUpdate: true },
      process: { callback: "_info" },
    };
  });
}

const needsInfo = (project: ProjectState) =>
  isActive(project) && !knowsScript(project) && project.infoAskedFor !== project.record.scriptHash;

/** A task for each tick of `@every` that is due; `lastTick` moves on. A project that does not run misses its ticks. */
export function tickRequests(state: SchedulerState, now: number, changed: Set<string>): Request[] {
  const second = Math.floor(now);
  return [...state.projects.values()].flatMap((project) => {
    const { record } = project;
    const every = isActive(project) && knowsScript(project) ? (record.info?.every ?? []) : [];
    const ticks = dueTicks(every, record.lastTick, second);
    const isFirst = every.length > 0 && record.lastTick === 0;
    if (ticks.length > 0 || isFirst) changed.add(record.name);
    if (ticks.length > 0 || isFirst || every.length === 0) record.lastTick = every.length === 0 ? 0 : second;
    return ticks.map(({ callback, at }) => ({
      project: record.name,
      taskid: `_every_${callback}_${at}`,
      url: `data:,${callback}`,
      schedule: { priority: PRIORITY },
      process: { callback },
      save: { tick: at },
    }));
  });
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
