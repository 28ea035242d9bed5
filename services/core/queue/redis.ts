import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Log } from "../log.ts";
import type { Completion, Lease, LeaseOptions, MarkerStep, Put, QueueDepth, QueueName, Queues } from "../queue.ts";
import { TIME_LIMITS } from "../time-limits.ts";
import { poisonOutcome } from "./poison.ts";
import { openRedis, type QueueRedis, type RetryOptions, retryWhileUnavailable } from "./redis-connection.ts";
import { readDepth } from "./redis-depth.ts";
import { MARKER_KEY, SETTLE_KEYS, scriptKey } from "./redis-keys.ts";
import { HeldLeases } from "./redis-leases.ts";
import { QueueReader, type ReaderContext } from "./redis-reader.ts";
import { GROUP, WRONG_MARKER } from "./redis-scripts.ts";
import { batchSteps, encodePut, type Step } from "./redis-steps.ts";
import { ScriptCache } from "./script-cache.ts";

/** How long work that must not be lost is tried again while the server is away; a restart takes a few seconds. */
const OUTAGE_MS = 30_000;
/** The same for a look at the queues, which somebody waits for. */
const GLANCE_MS = 2_000;
/** More than the projects that one processor runs at a time. */
const CACHED_SCRIPTS = 100;

export interface RedisQueuesOptions {
  /** `redis://[user:password@]host:port[/db]` */
  url: string;
  /** How long a message stays with a process that no longer renews it; the same in all roles. At least 300. */
  leaseMs: number;
  log: Log;
  /** Ends the wait for the first connection. */
  signal?: AbortSignal;
}

/**
 * Queues on a Redis server (6.2 or later) that the roles of all hosts share.
 *
 * Commands are tried again for 30 s while the server is away (`depth` for 2 s), then reject with QueueUnavailableError; `lease` never does: it
 * resolves to []. A put whose answer was lost with the connection may be added twice.
 *
 * @throws QueueUnavailableError if the server does not answer within 30 s, or `signal` aborts first.
 */
export async function connectRedisQueues(options: RedisQueuesOptions): Promise<Queues> {
  const queues = new RedisQueues(options);
  await queues.connect(options.signal).catch(async (error) => {
    await queues.close();
    throw error;
  });
  return queues;
}

class RedisQueues implements Queues {
  readonly #url: string;
  readonly #log: Log;
  readonly #redis: QueueRedis;
  readonly #consumer = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
  readonly #held = new HeldLeases();
  readonly #readers = new Map<QueueName, QueueReader<QueueName>>();
  readonly #readerContext: ReaderContext;
  readonly #scripts = new ScriptCache(CACHED_SCRIPTS);
  readonly #renewal: NodeJS.Timeout;
  #connectionError: Error | undefined;

  constructor({ url, leaseMs, log }: RedisQueuesOptions) {
    this.#url = url;
    this.#log = log;
    this.#redis = openRedis(url);
    this.#readerContext = {
      ...{ url, leaseMs, log, redis: this.#redis, consumer: this.#consumer, held: this.#held },
      setAside: async ({ queue, id }, text) =>
        void (await this.#settle([{ queue, id, puts: [{ target: "unreadable", deliveries: 0, text }] }])),
    };
    this.#watchConnection();
    this.#renewal = setInterval(() => this.#renew(), Math.min(TIME_LIMITS.leaseRenewMs, leaseMs / 3));
  }

  async connect(signal?: AbortSignal): Promise<void> {
    await this.#retry(() => this.#redis.ping(), { signal });
  }

  async put(puts: Put[], step?: MarkerStep): Promise<boolean> {
    // One step is one batch: all of it is added, or nothing.
    return await this.#settle([{ id: "", puts: puts.map(encodePut) }], step);
  }

  async lease<Q extends QueueName>(queue: Q, options: LeaseOptions): Promise<Lease<Q>[]> {
    const reader = this.#readers.get(queue) ?? new QueueReader<QueueName>(queue, this.#readerContext);
    this.#readers.set(queue, reader);
    return (await reader.lease(options)) as Lease<Q>[];
  }

  async complete(completions: Completion[]): Promise<void> {
    await this.#endLeases(completions.map(({ lease: { queue, id }, puts }) => ({ queue, id, puts: puts.map(encodePut) })));
  }

  async release(leases: Lease[]): Promise<void> {
    const putBack = (lease: Lease) => ({ ...encodePut(lease as Put), deliveries: lease.deliveries - 1 });
    await this.#endLeases(leases.map((lease) => ({ queue: lease.queue, id: lease.id, puts: [putBack(lease)] })));
  }

  async deadLetter(lease: Lease<"scheduler2fetcher"> | Lease<"fetcher2processor">, reason: string): Promise<void> {
    await this.complete([{ lease, puts: [{ queue: "processor2result", message: poisonOutcome(lease, reason) }] }]);
  }

  depth(): Promise<Record<QueueName, QueueDepth>> {
    return this.#retry(() => readDepth(this.#redis), { forMs: GLANCE_MS });
  }

  async marker(): Promise<number | undefined> {
    const marker = await this.#retry(() => this.#redis.get(MARKER_KEY));
    return marker === null ? undefined : Number(marker);
  }

  async putScript(hash: string, compiled: string): Promise<void> {
    await this.#retry(() => this.#redis.set(scriptKey(hash), compiled), { awaitsRoom: false });
  }

  async getScript(hash: string): Promise<string | undefined> {
    const compiled = this.#scripts.get(hash) ?? (await this.#retry(() => this.#redis.get(scriptKey(hash))));
    if (compiled !== null) this.#scripts.set(hash, compiled);
    return compiled ?? undefined;
  }

  isConnected(): boolean {
    return this.#redis.status === "ready";
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()));
    this.#redis.disconnect();
  }

  async #endLeases(steps: Step[]): Promise<void> {
    // Held, and so renewed, until Redis has answered.
    await this.#settle(steps).finally(() => {
      for (const { queue, id } of steps) if (queue) this.#held.delete({ queue, id });
    });
  }

  /** Sends all batches at once: one round trip. False if the marker was not the expected one. */
  async #settle(steps: Step[], marker?: MarkerStep): Promise<boolean> {
    const fixed = [GROUP, this.#consumer, marker?.from ?? "", marker?.to ?? ""];
    // Who steps through markers can keep what was to be put.
    const awaitsRoom = marker === undefined;
    const lost = await Promise.all(
      batchSteps(steps).map((batch) =>
        this.#retry(() => this.#redis.settle(SETTLE_KEYS.length, SETTLE_KEYS, [...fixed, ...batch]), { awaitsRoom }),
      ),
    );
    if (lost.includes(WRONG_MARKER)) return false;
    const lostLeases = lost.reduce((sum, count) => sum + count, 0);
    if (lostLeases > 0) this.#log.warn({ leases: lostLeases }, "leases were lost to other workers; what came of them was dropped here");
    return true;
  }

  #retry<T>(work: () => Promise<T>, options: Partial<Pick<RetryOptions, "forMs" | "signal" | "awaitsRoom">> = {}): Promise<T> {
    return retryWhileUnavailable(work, { forMs: OUTAGE_MS, ...options, url: this.#url, connectionError: () => this.#connectionError });
  }

  #renew(): void {
    if (!this.isConnected()) return;
    this.#held
      .renew(this.#redis, this.#consumer)
      .catch(({ message }: Error) => this.#log.warn({ reason: message }, "leases could not be renewed"));
  }

  #watchConnection(): void {
    this.#redis.on("error", (error: Error) => {
      if (!this.#connectionError) this.#log.warn({ reason: error.message }, "the connection to Redis is down");
      this.#connectionError = error;
    });
    this.#redis.on("ready", () => {
      this.#log.info("connected to Redis");
      this.#connectionError = undefined;
    });
  }
}
