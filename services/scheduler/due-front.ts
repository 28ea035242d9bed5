import { ALL_DUE, type DueLevel, type DueRange } from "../core/store/scheduling.ts";

/** Of priorities that have nothing due; a project with more of them than this looks at the places of tasks that have left, now and then. */
const REMEMBERED_LEVELS = 64;

/** All open priorities go along with each selection: a project with more looks from the top again, and walks over what has left. */
const MOST_OPEN_LEVELS = 1_000;

/**
 * How far into its due tasks a project has come. The places of those that have left stay in the index until vacuum has been there, which may take long, or
 * very long while a backup is read; a selection that began at the top would walk over all of them, each time.
 *
 * Due tasks are in order of priority, then of ordinal, and what becomes due gets an ordinal higher than any before it. So of each priority that was looked
 * at, what is due comes after the last task that was taken; priorities that were not reached yet are looked at from their top.
 */
export class DueFront {
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
    if (this.#open.size > MOST_OPEN_LEVELS) this.restart();
  }

  /** Tasks have become due at places that they had before. */
  restart(): void {
    this.#taken.clear();
    this.#open.clear();
    this.#below = ALL_DUE.below;
  }

  /**
   * The most urgent of the range were taken.
   *
   * @param tasks in their order.
   * @param isAll nothing is due any more.
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
