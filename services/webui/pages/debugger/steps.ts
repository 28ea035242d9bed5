/** The steps of a debugging session, as a tree. Pure. */
import type { DebugReport, Follow, TaskDetail } from "../api/types.ts";

/** What a step runs. */
export interface StepTask {
  /** Empty for onStart. */
  url: string;
  callback: string;
  /** The task that a callback requested; undefined for one that the user wrote. */
  follow?: Follow;
}

/** A task that a callback requested. */
export const taskOf = (follow: Follow): StepTask => ({ url: follow.url, callback: follow.process.callback, follow });

/** A stored task, as its callback requested it. */
export const taskOfStored = ({ taskid, url, fetch, process, save }: TaskDetail): StepTask =>
  taskOf({ taskid, url, process, ...(fetch ? { fetch } : {}), ...(save === null ? {} : { save }) });

export interface Step extends StepTask {
  id: number;
  /** The step whose callback requested it. */
  parent?: number;
  /** Of the last run. */
  report?: DebugReport;
  /** Kept for later sessions in this browser. */
  isPinned?: boolean;
}

export interface Session {
  /** Parents before their children, in the order in which they were added. */
  steps: Step[];
  /** The id of the step that is shown. */
  shown: number;
}

const START: Step = { id: 0, url: "", callback: "onStart" };

/** @param pins tasks that are pinned. */
export const newSession = (pins: readonly StepTask[] = []): Session => ({
  steps: [START, ...pins.map((pin, index) => ({ ...pin, id: index + 1, isPinned: true }))],
  shown: START.id,
});

export type SessionEvent =
  | { kind: "show"; id: number }
  | { kind: "ran"; id: number; report: DebugReport }
  /** `id`: from `idFor`. With `parent` it is a follow of that step; without, the user wrote it. */
  | { kind: "add"; id: number; task: StepTask; parent?: number | undefined }
  /** A task that the user chose elsewhere. */
  | { kind: "open"; task: StepTask }
  | { kind: "remove"; id: number }
  | { kind: "pin"; id: number; isPinned: boolean };

export function sessionAfter({ steps, shown }: Session, event: SessionEvent): Session {
  switch (event.kind) {
    case "show":
      return { steps, shown: event.id };
    case "ran":
      return { steps: steps.map((step) => (step.id === event.id ? { ...step, report: event.report } : step)), shown };
    case "add": {
      const { id, task, parent } = event;
      if (steps.some((step) => step.id === id)) return { steps, shown: id };
      const step: Step = { ...task, id, ...(parent === undefined ? {} : { parent }) };
      return { steps: [...steps, step], shown: id };
    }
    case "open":
      return sessionAfter({ steps, shown }, { kind: "add", id: idFor(steps, event.task), task: event.task });
    case "pin":
      return { steps: steps.map((step) => (step.id === event.id ? { ...step, isPinned: event.isPinned } : step)), shown };
    case "remove": {
      const gone = new Set([event.id]);
      for (const { id, parent } of steps) if (parent !== undefined && gone.has(parent)) gone.add(id);
      const left = steps.filter(({ id }) => !gone.has(id));
      return { steps: left, shown: gone.has(shown) ? START.id : shown };
    }
  }
}

/** The id of the step that runs the same task below the same parent, or else of the next step. */
export function idFor(steps: readonly Step[], task: StepTask, parent?: number): number {
  const known = steps.find((step) => step.parent === parent && isSame(step, task));
  return known?.id ?? Math.max(...steps.map(({ id }) => id)) + 1;
}

const isSame = (one: StepTask, other: StepTask) =>
  one.url === other.url && one.callback === other.callback && one.follow?.taskid === other.follow?.taskid;

/** All steps in reading order: each with its depth, its children below it. */
export function outline(steps: readonly Step[], parent?: number, depth = 0): { step: Step; depth: number }[] {
  return steps.filter((step) => step.parent === parent).flatMap((step) => [{ step, depth }, ...outline(steps, step.id, depth + 1)]);
}
