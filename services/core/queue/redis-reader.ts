import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../log.ts";
import type { Lease, LeaseOptions, QueueName } from "../queue.ts";
import { isUnavailable, openRedis, type QueueRedis, withoutCommand } from "./redis-connection.ts";
import { decodeMessage } from "./redis-encoding.ts";
import { streamKey } from "./redis-keys.ts";
import type { HeldLeases } from "./redis-leases.ts";
import { GROUP, type SuspectRule } from "./redis-scripts.ts";

/** One wait in Redis: an abort is noticed after it at the latest. */
const WAIT_SLICE_MS = 250;
const RETRY_MS = 25;
const FORGET_CONSUMERS_EVERY_MS = 3_600_000;
/** A consumer that was not heard of for so long is not coming back: even an idle one asks every few seconds. */
const CONSUMER_LOST_MS = 3_600_000;

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

  constructor(queue: Q, context: ReaderContext) {
    this.#queue = queue;
    this.#context = context;
    this.#redis = openRedis(context.url);
    // The main connection reports; without a listener the error would end the process.
    this.#redis.on("error", () => {});
  }

  async lease({ max, waitMs, signal }: LeaseOptions): Promise<Lease<Q>[]> {
    const deadline = performance.now() + waitMs;
    do {
      const leases = await this.#tryLease(max, Math.min(WAIT_SLICE_MS, deadline - performance.now()));
      if (leases.length > 0) return leases;
    } while (!signal.aborted && performance.now() < deadline);
    return [];
  }

  close(): void {
    this.#redis.disconnect();
  }

  /** [] also when the server is away or the group has to be made first; the caller comes back. */
  async #tryLease(max: number, waitMs: number): Promise<Lease<Q>[]> {
    try {
      if (this.#isReserved()) return await this.#rest(waitMs);
      const reclaimed = await this.#reclaim(max);
      return reclaimed.length > 0 || this.#isReserved() ? reclaimed : await this.#read(max, waitMs);
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

  async #read(max: number, waitMs: number): Promise<Lease<Q>[]> {
    const wait = waitMs >= 1 ? ["BLOCK", Math.floor(waitMs)] : [];
    const words = ["GROUP", GROUP, this.#context.consumer, "COUNT", max, ...wait, "STREAMS", streamKey(this.#queue), ">"];
    const reply = (await this.#redis.callBuffer("XREADGROUP", ...words)) as [Buffer, Entry[]][] | null;
    return this.#toLeases((reply?.[0]?.[1] ?? []).map(([id, fields]) => [id, fields, 1]));
  }

  /** Messages whose worker stopped renewing them. Looks three times a lease, and goes on at once where there were more than `max`, or suspects wait. */
  async #reclaim(max: number): Promise<Lease<Q>[]> {
    const { consumer, leaseMs, held } = this.#context;
    const now = performance.now();
    if (now < this.#reclaimAt && !this.#suspectsWait) return [];
    await this.#forgetConsumers(now);
    const words = [streamKey(this.#queue), GROUP, consumer, leaseMs, this.#reclaimFrom, max, this.#suspectRule()];
    const [next, isSuspect, leavesSuspects, found] = await this.#redis.reclaimBuffer(...words);
    this.#reclaimFrom = next.toString();
    this.#suspectsWait = leavesSuspects === 1;
    if (this.#reclaimFrom === "0-0") this.#reclaimAt = now + leaseMs / 3;
    // What is still held here was only renewed late: its worker goes on.
    const leases = this.#toLeases(found.filter(([id]) => !held.has(this.#queue, id.toString())));
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

  #toLeases(entries: [Buffer, Buffer[], number][]): Lease<Q>[] {
    const { held } = this.#context;
    const leases: Lease<Q>[] = [];
    for (const [idBytes, fields, deliveries] of entries) {
      const id = idBytes.toString();
      try {
        const { message, deliveredBefore } = decodeMessage(this.#queue, fields);
        leases.push({ queue: this.#queue, id, message, deliveries: deliveries + deliveredBefore });
        held.add({ queue: this.#queue, id });
      } catch (error) {
        this.#setAside(id, fields, error as Error);
      }
    }
    return leases;
  }

  /** Not waited for: the messages read with it are held already and must reach their worker. If it fails, the message is reclaimed later. */
  #setAside(id: string, fields: Buffer[], { message: reason }: Error): void {
    const { log, setAside } = this.#context;
    log.error({ queue: this.#queue, id, reason }, "a message cannot be read and is moved to orb:unreadable");
    setAside({ queue: this.#queue, id }, fields[1]?.toString() ?? "").catch((error: Error) =>
      log.error({ queue: this.#queue, id, reason: error.message }, "an unreadable message could not be moved"),
    );
  }
}

/** The stream or its group is not there: it never was, or the server came back empty. Redis 7.0 tells a waiting reader with UNBLOCKED. */
const isMissing = (error: unknown) => error instanceof Error && /NOGROUP|UNBLOCKED|no such key/.test(error.message);
