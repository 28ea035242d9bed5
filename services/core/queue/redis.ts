import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Redis } from "ioredis";
import { DEBUG_ANSWER_MS, type DebugAnswer } from "../protocol/debug-step.ts";
import { type QueueRole, REPLICA_ANNOUNCE_MS, type Replica } from "../protocol/replica.ts";
import { TIME_LIMITS } from "../protocol/time-limits.ts";
import type { Log } from "../runtime/log.ts";
import { ownReplica } from "../runtime/own-replica.ts";
import { withTimeout } from "../runtime/with-timeout.ts";
import { poisonOutcome } from "./poison.ts";
import type { Completion, Lease, LeaseOptions, Put, QueueDepth, QueueName, Queues, StoredScript, VersionStep } from "./queue.ts";
import { callFunction, isFull, openRedis, type RedisArgument, retryWhileUnavailable, type UnavailableOptions } from "./redis-connection.ts";
import { readDepth } from "./redis-depth.ts";
import { decodeAnswer, encodeAnswer } from "./redis-encoding.ts";
import { GROUP, WRONG_VERSION } from "./redis-functions.ts";
import { answerKey, SETTLE_KEYS, scriptKey, VERSION_KEY } from "./redis-keys.ts";
import { HeldLeases } from "./redis-leases.ts";
import { QueueReader, type ReaderContext } from "./redis-reader.ts";
import { announceReplica, listReplicas } from "./redis-replicas.ts";
import { listScripts, putScript, removeScripts } from "./redis-script-store.ts";
import { batchSteps, encodePut, type Step } from "./redis-steps.ts";

/** How long operations that must not be lost are retried while the server is unavailable; a restart takes a few seconds. */
const OUTAGE_MS = 30_000;
/** The same for what a user waits for: depths, replicas, answers. */
const GLANCE_MS = 2_000;

export interface RedisQueuesOptions {
  /** `redis://[user:password@]host:port[/db]` */
  url: string;
  /** How long a message stays with a process that no longer renews it; the same in all roles. At least 300. */
  leaseMs: number;
  log: Log;
  /** The role of this process, which is then in the list of replicas. */
  role?: QueueRole;
  /** Cancels the wait for the first connection. */
  signal?: AbortSignal;
}

/**
 * Queues on a Redis server (7.0 or later) that the roles of all hosts share.
 *
 * Commands are retried for 30 s while the server is unavailable (`depth` for 2 s), then reject with QueueUnavailableError. `lease` never rejects:
 * it resolves to []. A put whose answer was lost with the connection may be added twice.
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
  readonly #role: QueueRole | undefined;
  readonly #redis: Redis;
  readonly #consumer = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
  readonly #held = new HeldLeases();
  readonly #readers = new Map<QueueName, QueueReader<QueueName>>();
  readonly #readerContext: ReaderContext;
  readonly #renewal: NodeJS.Timeout;
  readonly #announcement: NodeJS.Timeout;
  #connectionError: Error | undefined;

  constructor({ url, leaseMs, log, role }: RedisQueuesOptions) {
    this.#url = url;
    this.#log = log;
    this.#role = role;
    this.#redis = openRedis(url);
    this.#readerContext = {
      ...{ url, leaseMs, log, redis: this.#redis, consumer: this.#consumer, held: this.#held },
      setAside: async ({ queue, id }, text) =>
        void (await this.#settle([{ queue, id, puts: [{ target: "unreadable", deliveries: 0, text }] }])),
    };
    this.#watchConnection();
    this.#renewal = setInterval(() => this.#renew(), Math.min(TIME_LIMITS.leaseRenewMs, leaseMs / 3));
    this.#announcement = setInterval(() => this.#announce(), REPLICA_ANNOUNCE_MS);
  }

  async connect(signal?: AbortSignal): Promise<void> {
    await this.#retry(() => this.#redis.ping(), { signal });
    await this.#announce();
  }

  async put(puts: Put[], step?: VersionStep): Promise<boolean> {
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

  async queueVersion(): Promise<number | undefined> {
    const queueVersion = await this.#retry(() => this.#redis.get(VERSION_KEY));
    return queueVersion === null ? undefined : Number(queueVersion);
  }

  async putScript(script: { hash: string; project: string; compiled: string }): Promise<void> {
    await this.#retry(() => putScript(this.#redis, script), { awaitsRoom: false });
  }

  async removeScripts(hashes: readonly string[]): Promise<void> {
    await this.#retry(() => removeScripts(this.#redis, hashes));
  }

  listScripts(): Promise<StoredScript[]> {
    return this.#retry(() => listScripts(this.#redis));
  }

  async getScript(hash: string): Promise<string | undefined> {
    return (await this.#retry(() => this.#redis.get(scriptKey(hash)))) ?? undefined;
  }

  async putAnswer(id: string, answer: DebugAnswer): Promise<void> {
    await this.#retry(() => this.#redis.set(answerKey(id), encodeAnswer(answer), "PX", DEBUG_ANSWER_MS), { awaitsRoom: false });
  }

  async takeAnswer(id: string): Promise<DebugAnswer | undefined> {
    const text = await this.#retry(() => this.#redis.getdel(answerKey(id)), { forMs: GLANCE_MS });
    return text === null ? undefined : decodeAnswer(text);
  }

  listReplicas(): Promise<Replica[]> {
    return this.#retry(() => listReplicas(this.#redis), { forMs: GLANCE_MS });
  }

  isConnected(): boolean {
    return this.#redis.status === "ready";
  }

  async close(): Promise<void> {
    clearInterval(this.#renewal);
    clearInterval(this.#announcement);
    await this.#announce({ ends: true });
    await Promise.all([...this.#readers.values()].map((reader) => reader.close()));
    this.#redis.disconnect();
  }

  async #endLeases(steps: Step[]): Promise<void> {
    // Held, and so renewed, until Redis has answered.
    await this.#settle(steps).finally(() => {
      for (const { queue, id } of steps) if (queue) this.#held.delete({ queue, id });
    });
  }

  /** Sends all batches in one round trip. False if the queue version was not the expected one. */
  async #settle(steps: Step[], queueVersion?: VersionStep): Promise<boolean> {
    const fixed: RedisArgument[] = [GROUP, this.#consumer, queueVersion?.from ?? "", queueVersion?.to ?? ""];
    // A caller with a queue version can keep its puts.
    const awaitsRoom = queueVersion === undefined;
    const lost = await Promise.all(
      batchSteps(steps).map((batch) => this.#retry(() => this.#settleBatch(fixed.concat(batch)), { awaitsRoom })),
    );
    if (lost.includes(WRONG_VERSION)) return false;
    const lostLeases = lost.reduce((sum, count) => sum + count, 0);
    if (lostLeases > 0) this.#log.warn({ leases: lostLeases }, "leases were lost to other workers; their results were dropped here");
    return true;
  }

  async #settleBatch(args: RedisArgument[]): Promise<number> {
    const call = (name: "settle" | "settleFull") => callFunction(this.#redis, { name, keys: SETTLE_KEYS, args }) as Promise<number>;
    return await call("settle").catch((error) => {
      if (!isFull(error)) throw error;
      return call("settleFull");
    });
  }

  #retry<T>(work: () => Promise<T>, options: Partial<Pick<UnavailableOptions, "forMs" | "signal" | "awaitsRoom">> = {}): Promise<T> {
    return retryWhileUnavailable(work, { forMs: OUTAGE_MS, ...options, url: this.#url, connectionError: () => this.#connectionError });
  }

  #renew(): void {
    if (!this.isConnected()) return;
    this.#held
      .renew(this.#redis, this.#consumer)
      .catch(({ message }: Error) => this.#log.warn({ reason: message }, "leases could not be renewed"));
  }

  /** The list is for people: a note that fails is not worth a retry. */
  async #announce({ ends = false } = {}): Promise<void> {
    if (this.#role === undefined || !this.isConnected()) return;
    const facts = ends ? undefined : ownReplica(this.#held.total);
    const noted = announceReplica(this.#redis, { role: this.#role, id: this.#consumer }, facts);
    await withTimeout(noted, GLANCE_MS, () => new Error("Redis does not answer")).catch(({ message }: Error) =>
      this.#log.debug({ reason: message }, "this process could not be noted as alive"),
    );
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
