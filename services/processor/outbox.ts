import { setTimeout as delay } from "node:timers/promises";
import { CrawlerError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Outcome } from "../core/messages.ts";
import type { Completion, Lease, Queues } from "../core/queue.ts";

const RETRY_MS = 1_000;

export type PageLease = Lease<"fetcher2processor">;

/**
 * The pages a processor holds, and the way of their outcomes: one batch after the other, each one round trip; what comes meanwhile is the next batch.
 *
 * A page is held until the queue has taken its outcome over, so that a slow queue server slows the processing. While the server is away the batch is
 * tried again.
 */
export class Outbox {
  readonly #queues: Queues;
  readonly #log: Log;
  readonly #held = new Set<PageLease>();
  readonly #failure = Promise.withResolvers<never>();
  #bytes = 0;
  #ready: Completion[] = [];
  #isSending = false;
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

  get held(): { pages: number; bytes: number } {
    return { pages: this.#held.size, bytes: this.#bytes };
  }

  /** Rejects with the first error that trying again does not help; never resolves. */
  get failed(): Promise<never> {
    return this.#failure.promise;
  }

  /** Resolves when the next pages have left, or nothing more is wanted. */
  roomMade(): Promise<void> {
    return this.#room.promise;
  }

  /** Resolves when nothing is held. */
  async idle(): Promise<void> {
    while (this.#held.size > 0) await this.roomMade();
  }

  hold(lease: PageLease): void {
    this.#held.add(lease);
    this.#bytes += lease.message.page.content.byteLength;
  }

  add(lease: PageLease, outcome: Outcome): void {
    if (this.#isAbandoned) return;
    this.#ready.push({ lease, puts: [{ queue: "processor2result", message: outcome }] });
    if (!this.#isSending) void this.#send();
  }

  /** Dead-letters a page. */
  async giveUp(lease: PageLease, reason: string): Promise<void> {
    this.#log.error({ project: lease.message.order.project, taskid: lease.message.order.taskid, deliveries: lease.deliveries }, reason);
    await this.untilItWorks(() => this.#queues.deadLetter(lease, reason));
    this.#letGo([lease]);
  }

  fail(error: unknown): void {
    this.#failure.reject(error);
  }

  /** Stops sending. Returns what is still held. */
  abandon(): PageLease[] {
    this.#isAbandoned = true;
    const leases = [...this.#held];
    this.#letGo(leases);
    return leases;
  }

  /** Repeats `step` while its failure is a passing one; undefined when it did not help, or no more is wanted. */
  async untilItWorks<T>(step: () => Promise<T>): Promise<T | undefined> {
    while (!this.#isAbandoned) {
      try {
        return await step();
      } catch (error) {
        if (!(error instanceof CrawlerError && error.retryable)) {
          this.fail(error);
          return undefined;
        }
        this.#log.warn({ reason: error.message }, `trying again in ${RETRY_MS} ms`);
        await delay(RETRY_MS);
      }
    }
    return undefined;
  }

  async #send(): Promise<void> {
    this.#isSending = true;
    while (this.#ready.length > 0 && !this.#isAbandoned) {
      // What the same turn of the event loop brings goes along.
      await new Promise(setImmediate);
      const batch = this.#ready;
      this.#ready = [];
      await this.untilItWorks(() => this.#queues.complete(batch));
      this.#letGo(batch.map(({ lease }) => lease as PageLease));
    }
    this.#isSending = false;
  }

  #letGo(leases: PageLease[]): void {
    for (const lease of leases) if (this.#held.delete(lease)) this.#bytes -= lease.message.page.content.byteLength;
    this.#wake();
  }

  #wake(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}
