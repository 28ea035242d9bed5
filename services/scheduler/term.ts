/** One term of an active scheduler: from taking the lease to losing it, to the first error, or to the end of the process. */
import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../core/log.ts";
import type { FetchOrder, Outcome } from "../core/messages.ts";
import { QueueFullError } from "../core/queue/errors.ts";
import type { Lease, Queues } from "../core/queue.ts";
import { readChores } from "../core/store/chores.ts";
import { projectsWithLines } from "../core/store/host-lines.ts";
import { fence, renewLease } from "../core/store/scheduler-lease.ts";
import { dropOldCounters, readCompiled, readPending, readProjects } from "../core/store/scheduler-projects.ts";
import { projectsWithDueTasks, returnInFlight } from "../core/store/scheduling.ts";
import type { Database } from "../core/store/sql.ts";
import { TIME_LIMITS } from "../core/time-limits.ts";
import { shareCredit } from "./credit.ts";
import { demands } from "./dispatch.ts";
import { LeaseLostError } from "./errors.ts";
import { Recall } from "./recall.ts";
import { type RoundInput, runRound } from "./round.ts";
import { shareOfRound } from "./round-share.ts";
import type { SchedulerSettings } from "./settings.ts";
import { SchedulerState } from "./state.ts";

/** Outcomes a round; more make transactions long without making them cheaper an outcome. */
const BATCH = 1_000;
/** Rounds are at least so far apart, so that outcomes come in batches when there are many. */
const ROUND_GAP_MS = 8;
/** How often waiting tasks and token buckets are looked at when nothing else happens. */
const IDLE_MS = 200;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
/** No two terms step through the same markers. */
const MARKERS_A_TERM = 2 ** 32;

export interface TermOptions {
  database: Database;
  queues: Queues;
  settings: SchedulerSettings;
  signal: AbortSignal;
  log: Log;
}

/** Schedules under `epoch` until the signal aborts. Rejects with LeaseLostError after a takeover, or with what went wrong. */
export async function runTerm(epoch: number, options: TermOptions): Promise<void> {
  const term = new Term(epoch, options);
  await term.begin();
  try {
    while (!options.signal.aborted) await term.turn();
  } finally {
    await term.giveBack();
  }
}

class Term {
  readonly #epoch: number;
  readonly #options: TermOptions;
  #state = new SchedulerState();
  #recall = new Recall(this.#state);
  #marker: number;
  /** Scripts that the queue server is known to hold. */
  #scripts = new Set<string>();
  /** Leased, for the rounds after this one. */
  #later: Lease<"status_queue">[] = [];
  /** In flight for the database, but the queue server was full: until they are put nothing is dispatched. */
  #unsent: FetchOrder[] = [];
  #hasPoke = true;
  // By the clock that nobody sets.
  #wakesAt = 0;
  #secondAt = 0;
  #hourAt = 0;
  #roundEndedAt = -ROUND_GAP_MS;

  constructor(epoch: number, options: TermOptions) {
    this.#epoch = epoch;
    this.#options = options;
    this.#marker = epoch * MARKERS_A_TERM;
  }

  /**
   * Builds the state from Postgres and takes back everything in flight: it goes out again at once, under new attempts. The marker tells this
   * queue server, as it is now, from one that lost something later.
   */
  async begin(): Promise<void> {
    this.#state = await this.#options.database.transaction(async (sql) => {
      // Made anew when the transaction has to be repeated.
      const state = new SchedulerState();
      if (!(await fence(sql, this.#epoch))) throw new LeaseLostError(this.#epoch);
      await returnInFlight(sql);
      state.chores.push(...(await readChores(sql)));
      for (const record of await readProjects(sql)) state.setRecord(record);
      for (const { project, pending } of await readPending(sql)) {
        const known = state.projects.get(project);
        if (known) known.pending = pending;
      }
      for (const project of await projectsWithDueTasks(sql)) state.due.add(project);
      for (const project of await projectsWithLines(sql)) state.lines.add(project);
      return state;
    });
    this.#recall = new Recall(this.#state);
    this.#scripts.clear();
    this.#unsent = [];
    await this.#options.queues.put([], { to: ++this.#marker });
  }

  /** Waits for work, and does one round of it. What it has leased is given back if that fails. */
  async turn(): Promise<void> {
    const { database, queues } = this.#options;
    await this.#recall.turn(database);
    const { now: leases, later } = shareOfRound(this.#later.length > 0 ? this.#later : await this.#lease());
    this.#later = later;
    const orders = await this.#work(leases).catch(async (error) => {
      await queues.release(leases).catch(() => {});
      throw error;
    });
    // In this order: a full queue server has no room for orders before something has left it.
    const ended = leases.length > 0 ? queues.complete(leases.map((lease) => ({ lease, puts: [] }))) : undefined;
    await Promise.all([ended, this.#send(orders)]);
    this.#roundEndedAt = performance.now();
  }

  /** What was leased for later rounds. */
  async giveBack(): Promise<void> {
    if (this.#later.length > 0) await this.#options.queues.release(this.#later).catch(() => {});
  }

  async #work(leases: Lease<"status_queue">[]): Promise<FetchOrder[]> {
    const now = performance.now();
    const isSecond = now >= this.#secondAt;
    if (isSecond) await this.#everySecond(now);
    const wakes = now >= this.#wakesAt || Date.now() >= this.#state.linesOpenAt * 1_000;
    const outcomes = leases.flatMap(({ message }) => (message.kind === "outcome" ? [message] : []));
    this.#hasPoke ||= outcomes.length < leases.length;
    if (!(outcomes.length > 0 || wakes || isSecond || this.#hasPoke || this.#hasWork())) return [];
    const readsInbox = this.#hasPoke || isSecond;
    const orders = await this.#round(outcomes, { readsInbox, wakes, ticks: isSecond, dispatches: this.#unsent.length === 0 });
    this.#hasPoke = false;
    if (wakes) this.#wakesAt = now + IDLE_MS;
    return orders;
  }

  async #lease(): Promise<Lease<"status_queue">[]> {
    const { queues, signal } = this.#options;
    const nextMs = Math.min(this.#state.linesOpenAt * 1_000 - Date.now(), this.#recall.nextAt - performance.now());
    const idleMs = Math.max(0, Math.min(IDLE_MS, Math.ceil(nextMs)));
    const waitMs = this.#hasWork() || this.#hasPoke ? 0 : idleMs;
    const leases = await queues.lease("status_queue", { max: BATCH, waitMs, signal });
    const gapMs = this.#roundEndedAt + ROUND_GAP_MS - performance.now();
    if (gapMs <= 0 || leases.length >= BATCH / 4) return leases;
    await delay(gapMs);
    return [...leases, ...(await queues.lease("status_queue", { max: BATCH - leases.length, waitMs: 0, signal }))];
  }

  /** True if a round now would dispatch something, or do a step of a chore. */
  #hasWork(): boolean {
    const { settings } = this.#options;
    const state = this.#state;
    if (state.chores.length > 0) return true;
    if (state.due.size === 0 || this.#unsent.length > 0) return false;
    const inFlight = { tasks: state.inFlight.size, bytes: state.inFlightBytes };
    return shareCredit(demands({ state, settings, now: Date.now() / 1000 }), inFlight, settings.credit).size > 0;
  }

  async #round(outcomes: Outcome[], flags: Pick<RoundInput, "readsInbox" | "wakes" | "ticks" | "dispatches">): Promise<FetchOrder[]> {
    const { database, settings } = this.#options;
    const input = { epoch: this.#epoch, state: this.#state, settings, outcomes, now: Date.now() / 1000, ...flags };
    let rounds = 0;
    return await database.transaction((sql) => {
      // The state has been changed by a try that was rolled back: only a new term makes it right.
      if (rounds++ > 0) throw new Error("The round's transaction was rolled back by Postgres");
      return runRound(sql, input);
    });
  }

  /** Puts orders, those that a full queue server did not take before them. */
  async #send(orders: FetchOrder[]): Promise<void> {
    const unsent = [...this.#unsent, ...orders];
    if (unsent.length === 0) return;
    try {
      this.#unsent = [];
      await this.#put(unsent);
    } catch (error) {
      if (!(error instanceof QueueFullError)) throw error;
      if (orders.length > 0) this.#options.log.warn({ orders: unsent.length }, error.message);
      this.#unsent = unsent;
    }
  }

  async #put(orders: FetchOrder[]): Promise<void> {
    const { database, queues } = this.#options;
    for (const { project, scriptHash } of orders) {
      if (this.#scripts.has(scriptHash)) continue;
      const compiled = await readCompiled(database, project, scriptHash);
      // Another has been saved in the meantime; this one may be saved again.
      if (compiled === undefined) continue;
      await queues.putScript(scriptHash, compiled);
      this.#scripts.add(scriptHash);
    }
    const puts = orders.map((message) => ({ queue: "scheduler2fetcher" as const, message }));
    const step = { from: this.#marker, to: this.#marker + 1 };
    if (!(await queues.put(puts, step))) return await this.#beginAgain();
    this.#marker = step.to;
    this.#state.left(orders, Date.now() / 1_000);
  }

  async #everySecond(now: number): Promise<void> {
    const { database, queues } = this.#options;
    this.#secondAt = now + SECOND_MS;
    if (!(await renewLease(database, this.#epoch, TIME_LIMITS.schedulerLeaseMs))) throw new LeaseLostError(this.#epoch);
    if (now >= this.#hourAt) {
      await dropOldCounters(database, Date.now() / 1_000);
      this.#state.wokenTo = 0;
      this.#hourAt = now + HOUR_MS;
    }
    if ((await queues.marker()) !== this.#marker) await this.#beginAgain();
  }

  async #beginAgain(): Promise<void> {
    this.#options.log.warn("the queue server came back empty or older: everything in flight is put again");
    await this.begin();
  }
}
