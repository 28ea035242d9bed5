import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { MIB } from "../protocol/byte-units.ts";
import type { Log } from "../runtime/log.ts";
import { type LargeEntry, LargeMessages } from "./large-messages.ts";
import type { Lease, LeaseOptions, QueueName } from "./queue.ts";
import { callFunction, isUnavailable, openRedis, withoutCommand } from "./redis-connection.ts";
import { decodeMessage, largeBytes } from "./redis-encoding.ts";
import { GROUP, type RedeliveredRule } from "./redis-functions.ts";
import { largeKey, streamKey } from "./redis-keys.ts";
import type { HeldLeases } from "./redis-leases.ts";

/** The duration of one blocking read: the maximum delay of an abort. */
const WAIT_SLICE_MS = 250;
const RETRY_MS = 25;
const FORGET_CONSUMERS_EVERY_MS = 3_600_000;
/** A consumer that was idle for so long is gone: even an idle process reads every few seconds. */
const CONSUMER_LOST_MS = 3_600_000;

/** Maximum bytes of large messages in one lease, unless its caller has less room. */
const LEASED_BYTES = 8 * MIB;
/** While large messages arrive, no more are read at once: messages that are read and do not fit are blocked for other processes. */
const LARGE_READ_COUNT = 16;
/** Maximum characters kept of a message that cannot be read. */
const SHOWN_LENGTH = 10_000;

/** The result of the function `reclaim`. */
type Reclaimed = [next: Buffer, isRedelivered: number, leavesRedelivered: number, messages: [Buffer, Buffer[], number][]];
type Entry = [id: Buffer, fields: Buffer[]];

export interface ReaderContext {
  url: string;
  /** For reads that do not block. */
  redis: Redis;
  consumer: string;
  leaseMs: number;
  held: HeldLeases;
  log: Log;
  /** Quarantines a message that cannot be read. */
  setAside: (lease: Pick<Lease, "queue" | "id">, text: string) => Promise<void>;
}

/** The limits of one lease. */
interface Room {
  max: number;
  bytes: number;
}

/** Reads the messages of one queue. It has a separate connection, because a blocking read blocks it. */
export class QueueReader<Q extends QueueName> {
  readonly #queue: Q;
  readonly #context: ReaderContext;
  readonly #redis: Redis;
  #reclaimFrom = "0-0";
  #reclaimAt = 0;
  /** The redelivered message that is or was held here. */
  #redelivered = "";
  #redeliveredWait = false;
  #forgetConsumersAt = 0;
  readonly #large = new LargeMessages();
  #sawLarge = false;

  constructor(queue: Q, context: ReaderContext) {
    this.#queue = queue;
    this.#context = context;
    this.#redis = openRedis(context.url);
    // The main connection reports errors; without a listener the error would end the process.
    this.#redis.on("error", () => {});
  }

  async lease({ max, maxBytes = LEASED_BYTES, waitMs, signal }: LeaseOptions): Promise<Lease<Q>[]> {
    const deadline = performance.now() + waitMs;
    const room = { max, bytes: maxBytes };
    do {
      const leases = await this.#tryLease(room, Math.min(WAIT_SLICE_MS, deadline - performance.now()));
      if (leases.length > 0) return leases;
    } while (!signal.aborted && performance.now() < deadline);
    return [];
  }

  /** Messages that were read but not leased go to other processes at once and unchanged. */
  async close(): Promise<void> {
    const ids = this.#large.takeFitting({ max: Infinity, bytes: Infinity, takesFirst: true }).map(({ id }) => id);
    const { consumer } = this.#context;
    const words = [streamKey(this.#queue), GROUP, consumer, 0, ...ids, "IDLE", CONSUMER_LOST_MS, "RETRYCOUNT", 0, "JUSTID"];
    if (ids.length > 0) await this.#redis.call("XCLAIM", ...words).catch(() => {});
    this.#redis.disconnect();
  }

  /** Also returns [] if the server is unavailable or the group must be created first; the caller repeats the call. */
  async #tryLease(room: Room, waitMs: number): Promise<Lease<Q>[]> {
    try {
      if (this.#large.count > 0) return await this.#fetchLarge(room, true);
      if (this.#isReserved()) return await this.#rest(waitMs);
      const reclaimed = await this.#reclaim(room);
      return reclaimed.length > 0 || this.#isReserved() ? reclaimed : await this.#read(room, waitMs);
    } catch (error) {
      if (isMissing(error)) await this.#createGroup();
      else if (isUnavailable(error)) return await this.#rest(waitMs);
      else throw withoutCommand(error);
      return [];
    }
  }

  /** While a redelivered message is held, or waits until no other message is held, nothing is read. */
  #isReserved(): boolean {
    const { held } = this.#context;
    return held.has(this.#queue, this.#redelivered) || (this.#redeliveredWait && held.count(this.#queue) > 0);
  }

  async #rest(waitMs: number): Promise<[]> {
    await sleep(Math.min(RETRY_MS, Math.max(waitMs, 1)));
    return [];
  }

  async #read(room: Room, waitMs: number): Promise<Lease<Q>[]> {
    const max = this.#sawLarge ? Math.min(room.max, LARGE_READ_COUNT) : room.max;
    const wait = waitMs >= 1 ? ["BLOCK", Math.floor(waitMs)] : [];
    const words = ["GROUP", GROUP, this.#context.consumer, "COUNT", max, ...wait, "STREAMS", streamKey(this.#queue), ">"];
    const reply = (await this.#redis.callBuffer("XREADGROUP", ...words)) as [Buffer, Entry[]][] | null;
    const entries = reply?.[0]?.[1] ?? [];
    return await this.#toLeases(
      entries.map(([id, fields]) => [id, fields, 1]),
      room,
    );
  }

  /**
   * Messages whose worker stopped renewing them. Checks three times per lease duration, and again at once if there were more than `max`, or
   * if redelivered messages wait.
   */
  async #reclaim(room: Room): Promise<Lease<Q>[]> {
    const { consumer, leaseMs, held } = this.#context;
    const now = performance.now();
    if (now < this.#reclaimAt && !this.#redeliveredWait) return [];
    await this.#forgetConsumers(now);
    const args = [GROUP, consumer, leaseMs, this.#reclaimFrom, room.max, this.#redeliveredRule()];
    const reclaimed = await callFunction(this.#redis, { name: "reclaim", keys: [streamKey(this.#queue)], args });
    const [next, isRedelivered, leavesRedelivered, found] = reclaimed as Reclaimed;
    this.#reclaimFrom = next.toString();
    this.#redeliveredWait = leavesRedelivered === 1;
    if (this.#reclaimFrom === "0-0") this.#reclaimAt = now + leaseMs / 3;
    // A message that is still held here was only renewed late, and its worker continues.
    const leases = await this.#toLeases(
      found.filter(([id]) => !held.has(this.#queue, id.toString())),
      room,
    );
    if (isRedelivered === 1) this.#redelivered = leases[0]?.id ?? "";
    return leases;
  }

  /** Messages to the scheduler are never quarantined, so redelivered messages are delivered like others there. */
  #redeliveredRule(): RedeliveredRule {
    if (this.#queue === "status_queue") return "any";
    return this.#context.held.count(this.#queue) === 0 ? "alone" : "none";
  }

  async #forgetConsumers(now: number): Promise<void> {
    if (now < this.#forgetConsumersAt) return;
    await callFunction(this.#redis, { name: "forgetConsumers", keys: [streamKey(this.#queue)], args: [GROUP, CONSUMER_LOST_MS] });
    this.#forgetConsumersAt = now + FORGET_CONSUMERS_EVERY_MS;
  }

  async #createGroup(): Promise<void> {
    const command = this.#context.redis.xgroup("CREATE", streamKey(this.#queue), GROUP, "0", "MKSTREAM");
    await command.catch(async (error: Error) => {
      if (isUnavailable(error)) await sleep(RETRY_MS);
      else if (!error.message.startsWith("BUSYGROUP")) throw withoutCommand(error);
    });
  }

  async #toLeases(entries: [Buffer, Buffer[], number][], room: Room): Promise<Lease<Q>[]> {
    const { held } = this.#context;
    const leases: Lease<Q>[] = [];
    if (entries.length > 0) this.#sawLarge = false;
    for (const [idBytes, fields, deliveries] of entries) {
      const id = idBytes.toString();
      const bytes = largeBytes(fields);
      if (bytes === undefined) this.#decode({ id, fields, deliveries }, leases);
      else {
        this.#sawLarge = true;
        held.add({ queue: this.#queue, id });
        this.#large.add({ id, fields, deliveries, bytes });
      }
    }
    if (this.#large.count === 0) return leases;
    const fetched = await this.#fetchLarge({ ...room, max: room.max - leases.length }, leases.length === 0);
    const places = new Map(entries.map(([id], place) => [id.toString(), place]));
    const placeOf = ({ id }: Lease<Q>) => places.get(id) ?? 0;
    return [...leases, ...fetched].sort((a, b) => placeOf(a) - placeOf(b));
  }

  #decode({ id, fields, deliveries }: Omit<LargeEntry, "bytes">, leases: Lease<Q>[]): void {
    try {
      const { message, deliveredBefore } = decodeMessage(this.#queue, fields);
      leases.push({ queue: this.#queue, id, message, deliveries: deliveries + deliveredBefore });
      this.#context.held.add({ queue: this.#queue, id });
    } catch (error) {
      this.#setAside(id, fields, error as Error);
    }
  }

  /** The messages that fit. Their large part exists as long as this process holds them. */
  async #fetchLarge(room: Room, takesFirst: boolean): Promise<Lease<Q>[]> {
    const entries = this.#large.takeFitting({ ...room, takesFirst });
    const leases: Lease<Q>[] = [];
    try {
      const contents = await Promise.all(entries.map(({ id }) => this.#redis.xrangeBuffer(largeKey(this.#queue), id, id)));
      for (const [index, entry] of entries.entries())
        this.#decode({ ...entry, fields: [...entry.fields, ...(contents[index]?.[0]?.[1] ?? [])] }, leases);
    } catch (error) {
      if (!isUnavailable(error)) throw withoutCommand(error);
      this.#large.putBack(entries);
    }
    return leases;
  }

  /** Not awaited: the messages read with it are held already and must reach their worker. If it fails, the message is reclaimed later. */
  #setAside(id: string, fields: Buffer[], { message: reason }: Error): void {
    const { log, setAside } = this.#context;
    log.error({ queue: this.#queue, id, reason }, "a message cannot be read and is moved to orb:unreadable");
    setAside({ queue: this.#queue, id }, fields[1]?.toString("utf8", 0, SHOWN_LENGTH) ?? "").catch((error: Error) =>
      log.error({ queue: this.#queue, id, reason: error.message }, "an unreadable message could not be moved"),
    );
  }
}

/** The stream or its group is missing: it was never created, or the server was emptied. Redis 7.0 reports it to a waiting reader with UNBLOCKED. */
const isMissing = (error: unknown) => error instanceof Error && /NOGROUP|UNBLOCKED|no such key/.test(error.message);
