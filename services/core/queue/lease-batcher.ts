import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import { MIB } from "../protocol/byte-units.ts";
import { CrawlerError } from "../protocol/errors.ts";
import type { QueueMessages } from "../protocol/messages.ts";
import { TIME_LIMITS } from "../protocol/time-limits.ts";
import type { Log } from "../runtime/log.ts";
import { retry } from "../runtime/retry.ts";
import { withTimeout } from "../runtime/with-timeout.ts";
import { partsOf } from "./poison.ts";
import type { Completion, Lease, Put, QueueName, Queues } from "./queue.ts";

const LEASE_WAIT_MS = 1_000;
/** The part of the drain limit that is reserved for releasing the remaining leases. */
const RELEASE_MS = 1_000;
/** Bytes of outputs sent together, beyond the first: the queue's client holds them twice while it sends them. */
const MAX_BATCH_BYTES = 2 * MIB;
const MIN_WAIT_MS = 100;
const MAX_WAIT_MS = 5_000;

/** What a role holds. */
export interface Held {
  leases: number;
  /** Bytes of the leased messages and of the outputs. */
  bytes: number;
  /** Of the outputs alone: those that the queue has not accepted yet. */
  outputBytes: number;
}

/** The limits of the next lease. */
export interface LeaseLimits {
  /** Maximum number of messages; below 1: waits until leases have ended. */
  max: number;
  /** Maximum bytes of large messages, beyond the first; see `LeaseOptions`. */
  maxBytes?: number;
  /** How long a lease of fewer than `max` messages waits for more; by default not at all. */
  lingerMs?: number;
}

export interface LeaseBatcherOptions<Q extends QueueName> {
  queues: Queues;
  /** The queue to lease from. */
  queue: Q;
  log: Log;
  /** When it aborts, nothing more is leased, and what is held drains. */
  signal: AbortSignal;
  /** Bytes of a message that stay in memory while its lease is held; by default none are counted. */
  bytesOf?: (message: QueueMessages[Q]) => number;
  /** How long outputs wait for others to be sent with them; by default one turn of the event loop. */
  gatherMs?: number;
  /** Whether a retry may help after `error`; by default the error says it. */
  isTransient?: (error: unknown) => boolean;
  /** Called with the bytes of the outputs of each batch when it was sent. */
  onSent?: (bytes: number) => void;
}

export interface LeaseWork<Q extends QueueName> {
  /** Decides about the next lease. */
  limits: (held: Held) => LeaseLimits;
  /** Ends each lease by `add`, `deadLetter` or `release`. If it rejects, `run` rejects. */
  work: (leases: Lease<Q>[]) => Promise<unknown>;
}

/** A lease of a queue that has dead letters. */
type DeadLetterLease = Parameters<Queues["deadLetter"]>[0];

type Output = Completion & { bytes: number };

/**
 * Leases the messages of one queue for a role, and ends the leases in batches, each one round trip. Outputs that arrive while a batch is sent form
 * the next one.
 *
 * A lease is held until the queue has accepted its output, so that a slow queue server slows the role. While the server is unavailable, the batch
 * is retried.
 */
export class LeaseBatcher<Q extends QueueName> {
  readonly #options: LeaseBatcherOptions<Q>;
  readonly #bytesOf: (message: QueueMessages[Q]) => number;
  /** With what to call when the lease has ended. */
  readonly #held = new Map<Lease<Q>, (() => void) | undefined>();
  readonly #failure = Promise.withResolvers<never>();
  /** Aborts when the role stops or has failed. */
  readonly #stop = new AbortController();
  /** Aborts at the drain limit: later outputs are dropped. */
  readonly #abandon = new AbortController();
  #messageBytes = 0;
  #outputBytes = 0;
  #ready: Output[] = [];
  #isSending = false;
  #room = Promise.withResolvers<void>();

  constructor(options: LeaseBatcherOptions<Q>) {
    this.#options = options;
    this.#bytesOf = options.bytesOf ?? (() => 0);
    // Rejections reach only the callers that wait for it.
    this.#failure.promise.catch(() => {});
    if (options.signal.aborted) this.#stop.abort();
    options.signal.addEventListener("abort", () => this.#stop.abort(), { once: true });
    this.#stop.signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  get held(): Held {
    return { leases: this.#held.size, bytes: this.#messageBytes + this.#outputBytes, outputBytes: this.#outputBytes };
  }

  /**
   * Leases and works until the signal aborts. Then it waits until nothing is held, for the drain limit at most, and releases the rest.
   *
   * Rejects with the first error that a retry cannot fix.
   */
  async run(work: LeaseWork<Q>): Promise<void> {
    await Promise.race([this.#leaseUntilAborted(work), this.#failure.promise]);
    await this.#drain();
    this.#abandon.abort();
    await this.release([...this.#held.keys()]);
  }

  /** Calls `callback` once, when the lease has ended in any way. */
  onEnd(lease: Lease<Q>, callback: () => void): void {
    this.#held.set(lease, callback);
  }

  /** Ends a lease with its output, in the next batch. @param bytes of the output, from 0. */
  add(lease: Lease<Q>, puts: Put[], bytes = 0): void {
    if (this.#abandon.signal.aborted) return;
    this.#ready.push({ lease: lease as Lease, puts, bytes });
    this.#outputBytes += bytes;
    if (!this.#isSending) void this.#send();
  }

  /** Ends a lease as a dead letter. */
  async deadLetter(lease: Lease<Q> & DeadLetterLease, reason: string): Promise<void> {
    if (this.#abandon.signal.aborted) return;
    const { project, taskid } = partsOf(lease.message).order;
    this.#options.log.error({ project, taskid, deliveries: lease.deliveries }, reason);
    await this.#repeat(() => this.#options.queues.deadLetter(lease, reason), this.#abandon.signal);
    this.#letGo([lease]);
  }

  /** Releases leases without output. If the queue server does not take them back within a second, they expire by themselves. */
  async release(leases: Lease<Q>[]): Promise<void> {
    const held = leases.filter((lease) => this.#held.has(lease));
    if (held.length === 0) return;
    const { queues, queue, log } = this.#options;
    log.info({ queue, leases: held.length }, "released unfinished");
    await withTimeout(queues.release(held as Lease[]), RELEASE_MS, () => new Error("no answer in time")).catch((error) =>
      log.warn({ queue, err: error }, "leases were not released; they expire by themselves"),
    );
    this.#letGo(held);
  }

  /**
   * Repeats a step of the work while its failure is transient.
   *
   * @returns undefined if the role stopped before it succeeded, or if it failed permanently. Then `run` rejects.
   */
  async retry<T>(step: () => Promise<T>): Promise<T | undefined> {
    return await this.#repeat(step, this.#stop.signal);
  }

  async #leaseUntilAborted({ limits, work }: LeaseWork<Q>): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const next = limits(this.held);
      if (next.max < 1) {
        await this.#room.promise;
        continue;
      }
      const leases = await this.retry(() => this.#lease(next));
      if (!leases) return;
      for (const lease of leases) this.#hold(lease);
      if (signal.aborted) return await this.release(leases);
      if (leases.length > 0) work(leases).catch((error) => this.#fail(error));
    }
  }

  async #lease({ max, maxBytes, lingerMs }: LeaseLimits): Promise<Lease<Q>[]> {
    const { queues, queue } = this.#options;
    const { signal } = this.#stop;
    const first = await queues.lease(queue, { max, ...(maxBytes !== undefined && { maxBytes }), waitMs: LEASE_WAIT_MS, signal });
    if (lingerMs === undefined || first.length === 0 || first.length >= max || signal.aborted) return first;
    await delay(lingerMs);
    const more = await queues.lease(queue, { max: max - first.length, maxBytes: 0, waitMs: 0, signal }).catch(() => []);
    return [...first, ...more];
  }

  #hold(lease: Lease<Q>): void {
    this.#held.set(lease, undefined);
    this.#messageBytes += this.#bytesOf(lease.message);
  }

  /** Resolves when nothing is held, or at the drain limit. */
  async #drain(): Promise<void> {
    const limit = Promise.withResolvers<void>();
    const timer = setTimeout(limit.resolve, TIME_LIMITS.drainMs - RELEASE_MS);
    await Promise.race([this.#idle(), limit.promise, this.#failure.promise]).finally(() => clearTimeout(timer));
  }

  async #idle(): Promise<void> {
    while (this.#held.size > 0) await this.#room.promise;
  }

  async #send(): Promise<void> {
    const { gatherMs, onSent = () => {} } = this.#options;
    this.#isSending = true;
    while (this.#ready.length > 0 && !this.#abandon.signal.aborted) {
      await (gatherMs === undefined ? nextTurn() : delay(gatherMs));
      onSent(await this.#sendBatch());
    }
    this.#isSending = false;
  }

  /** Returns the bytes of the batch. In a function of its own, so that garbage collection in `onSent` finds no reference to the batch. */
  async #sendBatch(): Promise<number> {
    const batch = this.#takeBatch();
    await this.#repeat(() => this.#options.queues.complete(batch), this.#abandon.signal);
    const bytes = batch.reduce((sum, output) => sum + output.bytes, 0);
    this.#outputBytes -= bytes;
    this.#letGo(batch.map(({ lease }) => lease as Lease<Q>));
    return bytes;
  }

  /** The oldest outputs, as many as may be sent together. */
  #takeBatch(): Output[] {
    let bytes = 0;
    let count = 0;
    for (const output of this.#ready) {
      bytes += output.bytes;
      if (count > 0 && bytes > MAX_BATCH_BYTES) break;
      count++;
    }
    return this.#ready.splice(0, count);
  }

  /** Repeats a step until `signal` aborts. */
  async #repeat<T>(step: () => Promise<T>, signal: AbortSignal): Promise<T | undefined> {
    const { log, isTransient = isRetryable } = this.#options;
    const onRetry = (error: unknown, waitMs: number) =>
      log.warn(error instanceof CrawlerError ? { reason: error.message } : { err: error }, `trying again in ${waitMs} ms`);
    try {
      return await retry(step, { isTransient, waitMs: backOffMs, signal, onRetry });
    } catch (error) {
      if (!isTransient(error)) this.#fail(error);
      return undefined;
    }
  }

  #fail(error: unknown): void {
    this.#failure.reject(error);
    this.#stop.abort();
  }

  #letGo(leases: Lease<Q>[]): void {
    for (const lease of leases) {
      const onEnd = this.#held.get(lease);
      if (!this.#held.delete(lease)) continue;
      this.#messageBytes -= this.#bytesOf(lease.message);
      onEnd?.();
    }
    this.#wake();
  }

  #wake(): void {
    this.#room.resolve();
    this.#room = Promise.withResolvers();
  }
}

const isRetryable = (error: unknown) => error instanceof CrawlerError && error.retryable;

/** The backoff after this many failures in a row (from 1): 100 ms, doubled each time, 5 s at most. */
export const backOffMs = (failures: number): number => Math.min(MIN_WAIT_MS * 2 ** (failures - 1), MAX_WAIT_MS);
