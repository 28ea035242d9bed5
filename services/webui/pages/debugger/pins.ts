/** Pinned tasks of a project: kept in this browser, and steps of each of its later sessions. */
import type { Step, StepTask } from "./steps.ts";

type Texts = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const MAX_PINS = 20;
const keyOf = (project: string) => `pins:${project}`;

/** What is not ours is left out. */
export function readPins(storage: Texts, project: string): StepTask[] {
  try {
    const pins = JSON.parse(storage.getItem(keyOf(project)) ?? "[]") as unknown;
    return Array.isArray(pins) ? pins.filter(isTask).slice(0, MAX_PINS) : [];
  } catch {
    return [];
  }
}

const isTask = (pin: Partial<StepTask> | null): pin is StepTask => typeof pin?.url === "string" && typeof pin.callback === "string";

/** A browser without room, or without storage, keeps none. */
export function writePins(storage: Texts, project: string, steps: readonly Step[]): void {
  const pins = steps
    .filter(({ isPinned }) => isPinned)
    .map(({ url, callback, follow }) => ({ url, callback, ...(follow ? { follow } : {}) }));
  try {
    if (pins.length === 0) storage.removeItem(keyOf(project));
    else storage.setItem(keyOf(project), JSON.stringify(pins.slice(0, MAX_PINS)));
  } catch {}
}
