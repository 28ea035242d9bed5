import { setTimeout as delay } from "node:timers/promises";
import { CrawlerError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Page } from "../core/messages.ts";
import type { Completion, Lease, Queues } from "../core/queue.ts";
import type { Allowance } from "./body-budget.ts";

/** Long enough to gather pages that end at about the same time, far shorter than a page takes. */
const GATHER_MS = 4;
const RETRY_MS = 1_000;
/** Bodies that are handed on together, beyond the first: the queue's client holds them twice while it sends them. */
const BATCH_BYTES = 2 * 1024 * 1024;

type OrderLease = Lease<"scheduler2fetcher">;

/**
 * The orders a fetcher holds, and the way of their pages to the processors: one batch after the other, each one round trip.
 *
 * An order is held until the queue has taken its page over, so that a slow queue server slows the fetching, and its bytes stay charged.
 * While the server is away the batch is tried again.
 */
export class Handover {
  readonly #queues: Queues;
  readonly #log: Log;
  readonly #held = new Map<OrderLease, Allowance>();
  readonly #failure = Promise.withResolvers<never>();
  #arrived: { lease: OrderLease; page: Page }[] = [];
  #isRunning = false;
  #isAbandoned = false;
  #room = Promise.withResolvers<void>();

  /** @param options.signal wakes, when it aborts, whoever waits for room. */
  constructor({ queues, log, signal }: { queues: Queues; log: Log; signal: AbortSignal }) {
    this.#queues = queues;
    this.#log = log;
    // Only those who wait for it care.
    this.#failure.promise.catch(() => {});
    signal.addEventListener("abort", () => this.#wake());
  }

  get heldCount(): number {
    return this.#held.size;
  }

  /** Rejects with the first error that trying again does not help; never resolves. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  /** Resolves when the next orders have left, or nothing more is wanted. */
  roomMade(): Promise<void> {
    return this.#room.promise;
  }

  /** Resolves when nothing is held. */
  async idle(): Promise<void> {
    while (this.#held.size > 0) await this.roomMade();
  }

  hold(lease: OrderLease, allowance: Allowance): void {
    this.#held.set(lease, allowance);
  }

  add(lease: OrderLease, page: Page): void {
    if (this.#isAbandoned) return;
    this.#arrived.push({ lease, page });
    if (!this.#isRunning) void this.#run();
  }

  /** Dead-letters an order. */
  async giveUp(lease: OrderLease, reason: string): Promise<void> {
    this.#log.error({ project: lease.message.project, taskid: lease.message.taskid, deliveries: lease.deliveries }, reason);
    await this.#untilTaken(() => this.#queues.deadLetter(lease, reason));
    this.#letGo([lease]);
  }

  /** Stops handing on. Returns what is still held; its pages are dropped. */
  abandon(): OrderLease[] {
    this.#isAbandoned = true;
    const leases = [...this.#held.keys()];
    this.#letGo(leases);
    return leases;
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#arrived.length > 0 && !this.#isAbandoned) {
      await delay(GATHER_MS);
      const batch = this.#nextBatch();
      await this.#untilTaken(() => this.#queues.complete(batch));
      this.#letGo(batch.map(({ lease }) => lease as OrderLease));
    }
    this.#isRunning = false;
  }

  /** The pages that came first, as many as may be sent together. */
  #nextBatch(): Completion[] {
    let bytes = 0;
    let count = 0;
    for (const { page } of this.#arrived) {
      bytes += page.content.length;
      if (count > 0 && bytes > BATCH_BYTES) break;
      count++;
    }
    const batch = this.#arrived.splice(0, count);
    return batch.map(({ lease, page }) => ({ lease, puts: [{ queue: "fetcher2processor", message: { order: lease.message, page } }] }));
  }

  async #untilTaken(step: () => Promise<void>): Promise<void> {
    while (!this.#isAbandoned) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof CrawlerError && error.retryable)) return this.#failure.reject(error);
        this.#log.warn({ reason: error.message }, "pages wait to be handed on");
        await delay(RETRY_MS);
      }
    }
  }

  #letGo(leases: OrderLease[]): void {
    for (const lease of leases) {
      this.#held.get(lease)?.release();
      this.#held.delete(lease);
    }
    this.#wake();
  }

  #wake(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}
