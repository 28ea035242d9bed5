/** Undo and redo of the steps of a debugging session. Pure. */
import { type Session, type SessionEvent, sessionAfter } from "./steps.ts";

export interface StepHistory {
  /** The oldest first. */
  past: Session[];
  now: Session;
  /** What `redo` returns to, the next first. */
  future: Session[];
}

export type HistoryEvent = SessionEvent | { kind: "undo" } | { kind: "redo" };

/** Sessions share the reports of their steps, which may have a MiB each. */
const MAX_PAST = 50;

export const historyOf = (now: Session): StepHistory => ({ past: [], now, future: [] });

export function historyAfter(history: StepHistory, event: HistoryEvent): StepHistory {
  const { past, now, future } = history;
  if (event.kind === "undo") {
    const before = past.at(-1);
    return before ? { past: past.slice(0, -1), now: before, future: [now, ...future] } : history;
  }
  if (event.kind === "redo") {
    const [next, ...rest] = future;
    return next ? { past: [...past, now], now: next, future: rest } : history;
  }
  const after = sessionAfter(now, event);
  return isChange(now, event) ? { past: [...past, now].slice(-MAX_PAST), now: after, future: [] } : { past, now: after, future };
}

/** The first run of a step completes its addition. */
function isChange({ steps }: Session, event: SessionEvent): boolean {
  if (event.kind === "show" || event.kind === "pin") return false;
  if (event.kind === "ran") return steps.find(({ id }) => id === event.id)?.report !== undefined;
  return event.kind !== "add" || !steps.some(({ id }) => id === event.id);
}
