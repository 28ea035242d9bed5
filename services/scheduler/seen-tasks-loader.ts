import type { Sql } from "../core/store/sql.ts";
import { isActive, type SchedulerState } from "./state.ts";
import { readTaskids } from "./store/scheduling.ts";

/** Target duration of a step; it delays one round. */
const STEP_MS = 10;
/** The database and this process spend a tenth of their time on it, at any speed. */
const REST_MS_A_MS = 9;
/** Ids per query. */
const IDS = { first: 500, least: 50, most: 5_000 } as const;
/** How often to check for projects that have started to run; the first check follows the first orders. */
const LOOK_MS = 1_000;

/**
 * Loads the existing tasks from Postgres in small steps in the background, and adds them to `SchedulerState.seen`. So links to pages that were
 * known before the term cost no look-up either. Reads the running projects, while there is room for their tasks.
 */
export class SeenTasksLoader {
  readonly #state: SchedulerState;
  /** Projects that were read completely. */
  readonly #done = new Set<string>();
  /** The progress of the other projects. */
  readonly #readTo = new Map<string, string>();
  #ids: number = IDS.first;
  #nextAt = performance.now() + LOOK_MS;

  constructor(state: SchedulerState) {
    this.#state = state;
  }

  /** When the next step is due, by `performance.now()`. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** Does the next step if it is due. Call it between rounds: the changes of a round must be stored. */
  async turn(sql: Sql): Promise<void> {
    const began = performance.now();
    if (began < this.#nextAt) return;
    while (performance.now() < began + STEP_MS) {
      if (await this.step(sql)) continue;
      this.#nextAt = performance.now() + LOOK_MS;
      return;
    }
    const ended = performance.now();
    this.#nextAt = ended + (ended - began) * REST_MS_A_MS;
  }

  /** Reads the next tasks of one project. @returns false if there was nothing to read. */
  async step(sql: Sql): Promise<boolean> {
    const project = this.#state.seen.isFull ? undefined : this.#nextProject();
    if (project === undefined) return false;
    const began = performance.now();
    const ids = await readTaskids(sql, { project, after: this.#readTo.get(project) ?? "" }, this.#ids);
    for (const id of ids) this.#state.seen.add(project, id);
    const last = ids.at(-1);
    if (last === undefined || ids.length < this.#ids) {
      this.#readTo.delete(project);
      this.#done.add(project);
    } else {
      this.#readTo.set(project, last);
      this.#ids = nextIds(this.#ids, performance.now() - began);
    }
    return true;
  }

  #nextProject(): string | undefined {
    for (const [name, project] of this.#state.projects) if (isActive(project) && !this.#done.has(name)) return name;
    return undefined;
  }
}

/** Halves the batch if it took too long, else doubles it. */
const nextIds = (ids: number, ms: number) => (ms > STEP_MS ? Math.max(IDS.least, Math.floor(ids / 2)) : Math.min(IDS.most, ids * 2));
