import { readTaskids } from "../core/store/scheduling.ts";
import type { Sql } from "../core/store/sql.ts";
import { isActive, type SchedulerState } from "./state.ts";

/** What a step should take; it holds up one round. */
const STEP_MS = 10;
/** The database and this process spend a tenth of their time on it, however slow they are. */
const REST_MS_A_MS = 9;
/** Ids a query. */
const IDS = { first: 500, least: 50, most: 5_000 } as const;
/** How often to look for projects that have begun to run; the first time not before the first orders are out. */
const LOOK_MS = 1_000;

/**
 * Reads from Postgres which tasks there are, a step at a time while everything else goes on, and tells `SchedulerState.seen`: so that the links to pages
 * known before the start of a term cost no look-up either. Reads the projects that run, for as long as there is room to remember their tasks.
 */
export class Recall {
  readonly #state: SchedulerState;
  /** Read to their end. */
  readonly #done = new Set<string>();
  /** How far the others have been read. */
  readonly #readTo = new Map<string, string>();
  #ids: number = IDS.first;
  #nextAt = performance.now() + LOOK_MS;

  constructor(state: SchedulerState) {
    this.#state = state;
  }

  /** When there is something to do next, by `performance.now()`. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** Does the next step if it is time. Call it between rounds: what one has changed must be stored. */
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

  /** Reads the next tasks of one project. @returns false if there was nothing to do. */
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

/** Half as many if so many took too long, else twice as many. */
const nextIds = (ids: number, ms: number) => (ms > STEP_MS ? Math.max(IDS.least, Math.floor(ids / 2)) : Math.min(IDS.most, ids * 2));
