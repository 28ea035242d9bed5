/** One term of an active scheduler: from taking the lease until it loses it, fails, or the process ends. */
import { setTimeout as delay } from "node:timers/promises";
import type { FetchOrder, Outcome } from "../core/protocol/messages.ts";
import { TIME_LIMITS } from "../core/protocol/time-limits.ts";
import { QueueFullError } from "../core/queue/errors.ts";
import type { Lease, Queues } from "../core/queue/queue.ts";
import type { Log } from "../core/runtime/log.ts";
import type { Database } from "../core/store/sql.ts";
import { LeaseLostError } from "./errors.ts";
import { PageBudget } from "./page-budget.ts";
import { type RoundInput, runRound } from "./round.ts";
import { ScriptShelf, type ShelfUse } from "./script-shelf.ts";
import { SeenTasksLoader } from "./seen-tasks-loader.ts";
import { selectOutcomeBatch } from "./select-outcome-batch.ts";
import type { SchedulerSettings } from "./settings.ts";
import { currentShares } from "./shares.ts";
import { SchedulerState } from "./state.ts";
import { readBulkOperations } from "./store/bulk-operations.ts";
import { projectsWithLines } from "./store/host-queue.ts";
import { pruneKeptPages } from "./store/kept-pages.ts";
import { fence, renewLease } from "./store/scheduler-lease.ts";
import { readCompiled, readPending, readProjects, tidyCounters } from "./store/scheduler-projects.ts";
import { projectsWithDueTasks, returnInFlight } from "./store/scheduling.ts";
import type { TermHealth } from "./term-health.ts";

/** Outcomes per round; more make transactions longer without reducing the cost per outcome. */
const BATCH = 1_000;
/** Minimum time between rounds, so that outcomes are batched under load. */
const ROUND_GAP_MS = 8;
/** How often to check waiting tasks and token buckets while nothing else happens. */
const IDLE_MS = 200;
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
/** Kept pages of one project after the other are removed at this interval: a crawl of 100 pages/s keeps 1,000 in it. */
const PRUNE_MS = 10_000;
/** Each term has its own range of queue versions. */
const VERSIONS_PER_TERM = 2 ** 32;

/** Compiled scripts may take this much in addition to the tasks in flight; the queue server has twice the room for those. */
const SCRIPTS_SHARE = 1 / 2;
/** Codes of tasks whose processor did not get their script (services/processor/errors.ts). */
const SCRIPT_LOST = ["E_SCRIPT_MISSING", "E_SCRIPT_HASH"];

export interface TermOptions {
  database: Database;
  queues: Queues;
  settings: SchedulerSettings;
  signal: AbortSignal;
  log: Log;
  /** Receives whether terms succeed. */
  health?: TermHealth;
  /** Absent: no limit. */
  pageBudget?: PageBudget | undefined;
}

/** Schedules under `epoch` until the signal aborts. Rejects with LeaseLostError after a takeover, or with the error that ended the term. */
export async function runTerm(epoch: number, options: TermOptions): Promise<void> {
  const term = new Term(epoch, options);
  await term.begin();
  try {
    while (!options.signal.aborted) {
      await term.turn();
      options.health?.worked(performance.now());
    }
  } finally {
    await term.giveBack();
  }
}

class Term {
  readonly #epoch: number;
  readonly #options: TermOptions;
  #state = new SchedulerState();
  #seenTasks = new SeenTasksLoader(this.#state);
  #queueVersion: number;
  readonly #shelf: ScriptShelf;
  readonly #pageBudget: PageBudget;
  /** Leased for the next rounds. */
  #later: Lease<"status_queue">[] = [];
  /** In flight in the database, but refused by the full queue server: until they are added, nothing is dispatched. */
  #unsent: FetchOrder[] = [];
  #hasPoke = true;
  // Monotonic clock.
  #wakesAt = 0;
  #secondAt = 0;
  #minuteAt = 0;
  #hourAt = 0;
  #pruneAt = 0;
  /** The project whose kept pages were pruned last; empty: begin with the first. */
  #prunedTo = "";
  #roundEndedAt = -ROUND_GAP_MS;

  constructor(epoch: number, options: TermOptions) {
    this.#epoch = epoch;
    this.#options = options;
    this.#queueVersion = epoch * VERSIONS_PER_TERM;
    this.#shelf = new ScriptShelf(options.settings.credit.bytes * SCRIPTS_SHARE);
    this.#pageBudget = options.pageBudget ?? new PageBudget(Infinity);
  }

  /**
   * Builds the state from Postgres and takes back everything in flight: it is dispatched again immediately, under new attempts. The new queue version
   * detects a queue server that loses data later.
   */
  async begin(): Promise<void> {
    this.#state = await this.#options.database.transaction(async (sql) => {
      // Rebuilt when the transaction is repeated.
      const state = new SchedulerState();
      if (!(await fence(sql, this.#epoch))) throw new LeaseLostError(this.#epoch);
      await returnInFlight(sql);
      state.bulkOperations.push(...(await readBulkOperations(sql)));
      for (const record of await readProjects(sql)) state.setRecord(record);
      for (const { project, pending } of await readPending(sql)) {
        const known = state.projects.get(project);
        if (known) known.pending = pending;
      }
      for (const project of await projectsWithDueTasks(sql)) state.due.add(project);
      for (const project of await projectsWithLines(sql)) state.lines.add(project);
      return state;
    });
    this.#seenTasks = new SeenTasksLoader(this.#state);
    this.#shelf.reset(await this.#options.queues.listScripts(), performance.now());
    this.#unsent = [];
    await this.#options.queues.put([], { to: ++this.#queueVersion });
  }

  /** Waits for work, and does one round. If the round fails, its leases are released. */
  async turn(): Promise<void> {
    const { database, queues } = this.#options;
    await this.#seenTasks.turn(database);
    const { now: leases, later } = selectOutcomeBatch(this.#later.length > 0 ? this.#later : await this.#lease());
    this.#later = later;
    const orders = await this.#work(leases).catch(async (error) => {
      await queues.release(leases).catch(() => {});
      throw error;
    });
    // In this order: a full queue server has no room for orders before messages have left it.
    const ended = leases.length > 0 ? queues.complete(leases.map((lease) => ({ lease, puts: [] }))) : undefined;
    await Promise.all([ended, this.#send(orders)]);
    this.#roundEndedAt = performance.now();
  }

  /** Outcomes leased for later rounds. */
  async giveBack(): Promise<void> {
    if (this.#later.length > 0) await this.#options.queues.release(this.#later).catch(() => {});
  }

  async #work(leases: Lease<"status_queue">[]): Promise<FetchOrder[]> {
    const now = performance.now();
    const isSecond = now >= this.#secondAt;
    if (isSecond) await this.#everySecond(now);
    const wakes = now >= this.#wakesAt || Date.now() >= this.#state.linesOpenAt * 1_000;
    const outcomes = leases.flatMap(({ message }) => (message.kind === "outcome" ? [message] : []));
    this.#noteLostScripts(outcomes);
    this.#hasPoke ||= outcomes.length < leases.length;
    if (!(outcomes.length > 0 || wakes || isSecond || this.#hasPoke || this.#hasWork())) return [];
    const readsInbox = this.#hasPoke || isSecond;
    const orders = await this.#round(outcomes, { readsInbox, wakes, ticks: isSecond, dispatches: this.#unsent.length === 0 });
    for (const { id, reason } of this.#state.rejected.splice(0))
      this.#options.log.error({ inbox: id, reason }, "a row of the inbox is not a valid request and is moved to rejected_requests");
    this.#hasPoke = false;
    if (wakes) this.#wakesAt = now + IDLE_MS;
    return orders;
  }

  async #lease(): Promise<Lease<"status_queue">[]> {
    const { queues, signal } = this.#options;
    const nextMs = Math.min(this.#state.linesOpenAt * 1_000 - Date.now(), this.#seenTasks.nextAt - performance.now());
    const idleMs = Math.max(0, Math.min(IDLE_MS, Math.ceil(nextMs)));
    const waitMs = this.#hasWork() || this.#hasPoke ? 0 : idleMs;
    const leases = await queues.lease("status_queue", { max: BATCH, waitMs, signal });
    const gapMs = this.#roundEndedAt + ROUND_GAP_MS - performance.now();
    if (gapMs <= 0 || leases.length >= BATCH / 4) return leases;
    await delay(gapMs);
    return [...leases, ...(await queues.lease("status_queue", { max: BATCH - leases.length, waitMs: 0, signal }))];
  }

  /** True if a round now would dispatch a task, or do a step of a bulk operation. */
  #hasWork(): boolean {
    const { settings } = this.#options;
    const state = this.#state;
    if (state.bulkOperations.length > 0) return true;
    if (state.due.size === 0 || this.#unsent.length > 0) return false;
    return currentShares({ state, settings, pagesLeft: this.#pageBudget.left, now: Date.now() / 1000 }).size > 0;
  }

  async #round(outcomes: Outcome[], flags: Pick<RoundInput, "readsInbox" | "wakes" | "ticks" | "dispatches">): Promise<FetchOrder[]> {
    const { database, settings } = this.#options;
    const pagesLeft = this.#pageBudget.left;
    const input = { epoch: this.#epoch, state: this.#state, settings, outcomes, now: Date.now() / 1000, pagesLeft, ...flags };
    let rounds = 0;
    const orders = await database.transaction((sql) => {
      // A rolled-back try has changed the state: only a new term rebuilds it.
      if (rounds++ > 0) throw new Error("The round's transaction was rolled back by Postgres");
      return runRound(sql, input);
    });
    this.#pageBudget.spend(orders);
    return orders;
  }

  /** Sends orders, first those that a full queue server refused before. */
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
    const { queues } = this.#options;
    await this.#putScripts(orders);
    const puts = orders.map((message) => ({ queue: "scheduler2fetcher" as const, message }));
    const step = { from: this.#queueVersion, to: this.#queueVersion + 1 };
    if (!(await queues.put(puts, step))) return await this.#beginAgain();
    this.#queueVersion = step.to;
    this.#state.left(orders, Date.now() / 1_000);
  }

  async #putScripts(orders: FetchOrder[]): Promise<void> {
    const { database, queues } = this.#options;
    const nowMs = performance.now();
    for (const { project, scriptHash: hash } of orders) {
      if (!this.#shelf.needsPut(hash, nowMs)) continue;
      const compiled = await readCompiled(database, project, hash);
      // Another script has been saved in the meantime; this one may be saved again.
      if (compiled === undefined) continue;
      const leaving = this.#shelf.add({ hash, project, bytes: Buffer.byteLength(compiled) }, this.#shelfUse(nowMs));
      await queues.removeScripts(leaving);
      await queues.putScript({ hash, project, compiled }).catch((error) => {
        this.#shelf.lost(hash);
        throw error;
      });
    }
  }

  #shelfUse(nowMs: number): ShelfUse {
    return { nowMs, inUse: new Set([...this.#state.inFlight.values()].map(({ scriptHash }) => scriptHash)) };
  }

  /** Processors report a missing or changed script in their outcome. */
  #noteLostScripts(outcomes: Outcome[]): void {
    for (const { attempt, process } of outcomes) {
      if (!process.error || !SCRIPT_LOST.includes(process.error.code)) continue;
      const task = this.#state.inFlight.get(attempt);
      if (task) this.#shelf.lost(task.scriptHash);
    }
  }

  async #everySecond(now: number): Promise<void> {
    const { database, queues } = this.#options;
    this.#secondAt = now + SECOND_MS;
    if (!(await renewLease(database, this.#epoch, TIME_LIMITS.schedulerLeaseMs))) throw new LeaseLostError(this.#epoch);
    if (now >= this.#minuteAt) {
      await tidyCounters(database, Date.now() / 1_000);
      this.#minuteAt = now + MINUTE_MS;
    }
    if (now >= this.#hourAt) {
      await queues.removeScripts(this.#shelf.removeUnused(this.#shelfUse(now)));
      this.#state.wokenTo = 0;
      this.#hourAt = now + HOUR_MS;
    }
    if (now >= this.#pruneAt) {
      this.#prunedTo = (await pruneKeptPages(database, this.#prunedTo, Date.now() / 1_000)) ?? "";
      this.#pruneAt = now + PRUNE_MS;
    }
    if ((await queues.queueVersion()) !== this.#queueVersion) await this.#beginAgain();
  }

  async #beginAgain(): Promise<void> {
    this.#options.log.warn("the queue server was emptied or restored to an older state: all tasks in flight are dispatched again");
    await this.begin();
  }
}
