import { LRUCache } from "lru-cache";
import { DEBUG_ANSWER_MS, type DebugAnswer } from "../protocol/debug-step.ts";
import type { Replica } from "../protocol/replica.ts";
import { ownReplica } from "../runtime/own-replica.ts";
import { Fifo } from "./fifo.ts";
import { poisonOutcome } from "./poison.ts";
import type { Lease, LeaseOptions, Put, QueueDepth, QueueName, Queues, StoredScript, VersionStep } from "./queue.ts";
import { QUEUE_NAMES } from "./queue.ts";

interface Entry {
  message: Lease["message"];
  deliveries: number;
  /** Unix milliseconds. */
  putAt: number;
}

interface Waiter {
  max: number;
  resolve: (leases: Lease[]) => void;
}

interface MemoryQueue {
  ready: Fifo<Entry>;
  /** When each leased message was put, by the id of its lease. */
  leased: Map<string, Entry["putAt"]>;
  waiters: Set<Waiter>;
}

/**
 * Queues for the roles of one process. Messages are passed by reference, so the sender must not change them afterwards.
 * A lease lasts until it ends or the process exits, which also discards all messages.
 */
export function createMemoryQueues(): Queues {
  return new MemoryQueues();
}

class MemoryQueues implements Queues {
  readonly #queues: Record<QueueName, MemoryQueue>;
  readonly #scripts = new Map<string, { project: string; compiled: string }>();
  readonly #answers = new LRUCache<string, DebugAnswer>({ max: 64, ttl: DEBUG_ANSWER_MS });
  #queueVersion: number | undefined;
  #lastId = 0;
  #willServe = false;

  constructor() {
    const createQueue = (): MemoryQueue => ({ ready: new Fifo(), leased: new Map(), waiters: new Set() });
    this.#queues = Object.fromEntries(QUEUE_NAMES.map((name) => [name, createQueue()])) as Record<QueueName, MemoryQueue>;
  }

  async put(puts: Put[], step?: VersionStep): Promise<boolean> {
    if (step?.from !== undefined && step.from !== this.#queueVersion) return false;
    if (step) this.#queueVersion = step.to;
    this.#add(puts);
    return true;
  }

  async lease<Q extends QueueName>(queue: Q, { max, waitMs, signal }: LeaseOptions): Promise<Lease<Q>[]> {
    const ready = this.#queues[queue].ready.length > 0 ? this.#take(queue, max) : [];
    if (ready.length > 0 || waitMs <= 0 || signal.aborted) return ready as Lease<Q>[];
    return (await this.#wait(queue, { max, waitMs, signal })) as Lease<Q>[];
  }

  async complete(completions: { lease: Lease; puts: Put[] }[]): Promise<void> {
    for (const { lease, puts } of completions) if (this.#end(lease)) this.#add(puts);
  }

  async release(leases: Lease[]): Promise<void> {
    for (const lease of leases) {
      if (this.#end(lease)) this.#push(lease.queue, { message: lease.message, deliveries: lease.deliveries - 1, putAt: Date.now() });
    }
  }

  async deadLetter(lease: Lease<"scheduler2fetcher"> | Lease<"fetcher2processor">, reason: string): Promise<void> {
    await this.complete([{ lease, puts: [{ queue: "processor2result", message: poisonOutcome(lease, reason) }] }]);
  }

  async depth(): Promise<Record<QueueName, QueueDepth>> {
    const now = Date.now();
    return Object.fromEntries(QUEUE_NAMES.map((name) => [name, this.#depthOf(name, now)])) as Record<QueueName, QueueDepth>;
  }

  async queueVersion(): Promise<number | undefined> {
    return this.#queueVersion;
  }

  async putScript({ hash, project, compiled }: { hash: string; project: string; compiled: string }): Promise<void> {
    this.#scripts.set(hash, { project, compiled });
  }

  async removeScripts(hashes: readonly string[]): Promise<void> {
    for (const hash of hashes) this.#scripts.delete(hash);
  }

  async listScripts(): Promise<StoredScript[]> {
    return [...this.#scripts].map(([hash, { project, compiled }]) => ({ hash, project, bytes: Buffer.byteLength(compiled) }));
  }

  async getScript(hash: string): Promise<string | undefined> {
    return this.#scripts.get(hash)?.compiled;
  }

  async putAnswer(id: string, answer: DebugAnswer): Promise<void> {
    this.#answers.set(id, answer);
  }

  async takeAnswer(id: string): Promise<DebugAnswer | undefined> {
    const answer = this.#answers.get(id);
    this.#answers.delete(id);
    return answer;
  }

  async listReplicas(): Promise<Replica[]> {
    const held = Object.values(this.#queues).reduce((sum, { leased }) => sum + leased.size, 0);
    return [{ role: "all", id: String(process.pid), ...ownReplica(held) }];
  }

  isConnected(): boolean {
    return true;
  }

  async close(): Promise<void> {
    for (const queue of Object.values(this.#queues)) for (const waiter of queue.waiters) waiter.resolve([]);
  }

  #depthOf(queue: QueueName, now: number): QueueDepth {
    const { ready, leased } = this.#queues[queue];
    const counts = { ready: ready.length, leased: leased.size };
    if (leased.size === 0) return counts;
    let oldest = now;
    for (const putAt of leased.values()) oldest = Math.min(oldest, putAt);
    return { ...counts, oldestMs: now - oldest };
  }

  #add(puts: Put[]): void {
    const putAt = Date.now();
    for (const { queue, message } of puts) this.#push(queue, { message, deliveries: 0, putAt });
  }

  #push(queue: QueueName, entry: Entry): void {
    this.#queues[queue].ready.push(entry);
    if (this.#willServe || this.#queues[queue].waiters.size === 0) return;
    // Not immediately: messages put one by one in the same turn reach the waiting role as one batch.
    this.#willServe = true;
    setImmediate(() => this.#serveWaiters());
  }

  #serveWaiters(): void {
    this.#willServe = false;
    for (const name of QUEUE_NAMES) {
      const { ready, waiters } = this.#queues[name];
      for (const waiter of waiters) {
        if (ready.length === 0) break;
        waiter.resolve(this.#take(name, waiter.max));
      }
    }
  }

  #take(queue: QueueName, max: number): Lease[] {
    const { ready, leased } = this.#queues[queue];
    return ready.shift(max).map(({ message, deliveries, putAt }) => {
      const lease: Lease = { queue, id: String(++this.#lastId), message, deliveries: deliveries + 1 };
      leased.set(lease.id, putAt);
      return lease;
    });
  }

  /** False if the lease had already ended. */
  #end(lease: Lease): boolean {
    return this.#queues[lease.queue].leased.delete(lease.id);
  }

  #wait(queue: QueueName, { max, waitMs, signal }: LeaseOptions): Promise<Lease[]> {
    const { waiters } = this.#queues[queue];
    return new Promise((resolve) => {
      const giveUp = () => waiter.resolve([]);
      const timer = setTimeout(giveUp, waitMs);
      signal.addEventListener("abort", giveUp, { once: true });
      const waiter: Waiter = {
        max,
        resolve(leases) {
          clearTimeout(timer);
          signal.removeEventListener("abort", giveUp);
          waiters.delete(waiter);
          resolve(leases);
        },
      };
      waiters.add(waiter);
    });
  }
}
