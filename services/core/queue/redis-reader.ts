import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { Lease, LeaseOptions, QueueName } from "../queue.ts";
import { type LargeEntry, LargeMessages } from "./large-messages.ts";
import { isUnavailable, openRedis, type QueueRedis, withoutCommand } from "./redis-connection.ts";
import { decodeMessage, largeBytes } from "./redis-encoding.ts";
import { largeKey, streamKey } from "./redis-keys.ts";
import type { HeldLeases } from "./redis-leases.ts";
import { GROUP, type SuspectRule } from "./redis-scripts.ts";

/** One wait in Redis: an abort is noticed after it at the latest. */
const WAIT_SLICE_MS = 250;
const RETRY_MS = 25;
const FORGET_CONSUMERS_EVERY_MS = 3_600_000;
/** A consumer that was not heard of for so long is not coming back: even an idle one asks every few seconds. */
const CONSUMER_LOST_MS = 3_600_000;

/** Of large messages, a lease brings so many bytes unless its caller has less room. */
const LEASED_BYTES = 8 * 1024 * 1024;
/** While large messages come, no more are read at once: what is read and does not fit keeps others from working on it. */
const LARGE_READ_COUNT = 16;
/** Of a message that cannot be read, so many characters are kept. */
const SHOWN_LENGTH = 10_000;

type Entry = [id: Buffer, fields: Buffer[]];

export interface ReaderContext {
  url: string;
  /** For what does not wait. */
  redis: QueueRedis;
  consumer: string;
  leaseMs: number;
  held: HeldLeases;
  log: Log;
  /** Moves a message that cannot be read out of the way. */
  setAside: (lease: Pick<Lease, "queue" | "id">, text: string) => Promise<void>;
}

/** What a lease may bring. */
interface Room {
  max: number;
  bytes: number;
}

/** Takes the messages of one queue, on a connection of its own because a waiting read blocks it. */
export class QueueReader<Q extends QueueName> {
  readonly #queue: Q;
  readonly #context: ReaderContext;
  readonly #redis: QueueRedis;
  #reclaimFrom = "0-0";
  #reclaimAt = 0;
  /** The suspect that is held here, or was. */
  #suspect = "";
  #suspectsWait = false;
  #forgetConsumersAt = 0;
  readonly #large = new LargeMessages();
  #sawLarge = false;

  constructor(queue: Q, context: ReaderContext) {
    this.#queue = queue;
    this.#context = context;
    this.#redis = openRedis(context.url);
    // The main connection reports; without a listener the error would end the process.
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

  /** What was read and not handed out goes to others at once, as if it had never been read. */
  async close(): Promise<void> {
    const ids = this.#large.takeFitting({ max: Infinity, bytes: Infinity, takesFirst: true }).map(({ id }) => id);
    const { consumer } = this.#context;
    const words = [streamKey(this.#queue), GROUP, consumer, 0, ...ids, "IDLE", CONSUMER_LOST_MS, "RETRYCOUNT", 0, "JUSTID"];
    if (ids.length > 0) await this.#redis.call("XCLAIM", ...words).catch(() => {});
    this.#redis.disconnect();
  }

  /** [] also when the server is away or the group has to be made first; the caller comes back. */
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

  /** A suspect is held, or waits until nothing else is: until then nothing is taken. */
  #isReserved(): boolean {
    const { held } = this.#context;
    return held.has(this.#queue, this.#suspect) || (this.#suspectsWait && held.count(this.#queue) > 0);
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

  /** Messages whose worker stopped renewing them. Looks three times a lease, and goes on at once where there were more than `max`, or suspects wait. */
  async #reclaim(room: Room): Promise<Lease<Q>[]> {
    const { consumer, leaseMs, held } = this.#context;
    const now = performance.now();
    if (now < this.#reclaimAt && !this.#suspectsWait) return [];
    await this.#forgetConsumers(now);
    const words = [streamKey(this.#queue), GROUP, consumer, leaseMs, this.#reclaimFrom, room.max, this.#suspectRule()];
    const [next, isSuspect, leavesSuspects, found] = await this.#redis.reclaimBuffer(...words);
    this.#reclaimFrom = next.toString();
    this.#suspectsWait = leavesSuspects === 1;
    if (this.#reclaimFrom === "0-0") this.#reclaimAt = now + leaseMs / 3;
    // What is still held here was only renewed late: its worker goes on.
    const leases = await this.#toLeases(
      found.filter(([id]) => !held.has(this.#queue, id.toString())),
      room,
    );
    if (isSuspect === 1) this.#suspect = leases[0]?.id ?? "";
    return leases;
  }

  /** Nobody gives up what is on its way to the scheduler, so there it is like everything else. */
  #suspectRule(): SuspectRule {
    if (this.#queue === "status_queue") return "any";
    return this.#context.held.count(this.#queue) === 0 ? "alone" : "none";
  }

  async #forgetConsumers(now: number): Promise<void> {
    if (now < this.#forgetConsumersAt) return;
    await this.#redis.forgetConsumers(streamKey(this.#queue), GROUP, CONSUMER_LOST_MS);
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

  /** Those for which there is room. What lies beside the queue is there for as long as the message is ours. */
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

  /** Not waited for: the messages read with it are held already and must reach their worker. If it fails, the message is reclaimed later. */
  #setAside(id: string, fields: Buffer[], { message: reason }: Error): void {
    const { log, setAside } = this.#context;
    log.error({ queue: this.#queue, id, reason }, "a message cannot be read and is moved to orb:unreadable");
    setAside({ queue: this.#queue, id }, fields[1]?.toString("utf8", 0, SHOWN_LENGTH) ?? "").catch((error: Error) =>
      log.error({ queue: this.#queue, id, reason: error.message }, "an unreadable message could not be moved"),
    );
  }
}

/** The stream or its group is not there: it never was, or the server came back empty. Redis 7.0 tells a waiting reader with UNBLOCKED. */
const isMissing = (error: unknown) => error instanceof Error && /NOGROUP|UNBLOCKED|no such key/.test(error.message);
