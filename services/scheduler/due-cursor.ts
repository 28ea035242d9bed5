import { ALL_DUE, type DueLevel, type DueRange } from "./store/scheduling.ts";

/** Number of priorities without due tasks. A project with more of them sometimes scans the index entries of tasks that have left. */
const REMEMBERED_LEVELS = 64;

/** All open priorities are part of each selection. A project with more starts again from the top, and scans the entries of tasks that have left. */
const MAX_OPEN_LEVELS = 1_000;

/**
 * A project's position in its due tasks. The index entries of tasks that have left stay until the next vacuum, which may take long, for example
 * during a backup. A selection that began at the top would scan all of them each time.
 *
 * Due tasks are ordered by priority, then by ordinal, and a new due task gets an ordinal higher than any before. So within each priority that was
 * read, due tasks follow the last one taken; priorities that were not reached yet are read from their top.
 */
export class DueCursor {
  /** By priority, the last ordinal taken. */
  #taken = new Map<number, number>();
  /** Priorities from `#below` up that may have due tasks. */
  #open = new Set<number>();
  #below = ALL_DUE.below;

  get range(): DueRange {
    const levels = [...this.#open].sort((a, b) => b - a).map((priority) => ({ priority, ordinal: this.#taken.get(priority) ?? 0 }));
    return { levels, below: this.#below };
  }

  /** A task has become due, last of its priority. */
  joined(priority: number): void {
    if (this.#below === null || priority >= this.#below) this.#open.add(priority);
    if (this.#open.size > MAX_OPEN_LEVELS) this.restart();
  }

  /** Tasks have become due at places that they had before. */
  restart(): void {
    this.#taken.clear();
    this.#open.clear();
    this.#below = ALL_DUE.below;
  }

  /**
   * The most urgent tasks of the range were taken.
   *
   * @param tasks in their order.
   * @param isAll no due tasks are left.
   */
  took(tasks: DueLevel[], isAll: boolean): void {
    for (const { priority, ordinal } of tasks) {
      this.#taken.set(priority, ordinal);
      if (this.#below !== null && priority < this.#below) {
        this.#below = priority;
        this.#open.add(priority);
      }
    }
    const last = tasks.at(-1)?.priority ?? Infinity;
    for (const priority of this.#open) if (isAll || priority > last) this.#open.delete(priority);
    if (isAll) this.#below = null;
    if (this.#taken.size > this.#open.size + REMEMBERED_LEVELS) {
      for (const priority of this.#taken.keys()) if (!this.#open.has(priority)) this.#taken.delete(priority);
    }
  }
}
