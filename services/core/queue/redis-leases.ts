import type { Redis } from "ioredis";
import type { Lease, QueueName } from "./queue.ts";
import { QUEUE_NAMES } from "./queue.ts";
import { callFunction } from "./redis-connection.ts";
import { GROUP } from "./redis-functions.ts";
import { streamKey } from "./redis-keys.ts";

/** Ids in one renewal command: Redis serves no other client in that time (about 2 ms). */
const RENEWED_AT_ONCE = 500;

/** The messages that this process holds. */
export class HeldLeases {
  readonly #held = new Map<QueueName, Set<string>>(QUEUE_NAMES.map((queue) => [queue, new Set()]));

  add({ queue, id }: Pick<Lease, "queue" | "id">): void {
    this.#of(queue).add(id);
  }

  has(queue: QueueName, id: string): boolean {
    return this.#of(queue).has(id);
  }

  count(queue: QueueName): number {
    return this.#of(queue).size;
  }

  get total(): number {
    return [...this.#held.values()].reduce((sum, ids) => sum + ids.size, 0);
  }

  delete({ queue, id }: Pick<Lease, "queue" | "id">): void {
    this.#of(queue).delete(id);
  }

  /** Renews the leases in Redis. Lost leases are dropped; `complete` detects them by itself. */
  async renew(redis: Redis, consumer: string): Promise<void> {
    for (const [queue, held] of this.#held) {
      const ids = [...held];
      for (let at = 0; at < ids.length; at += RENEWED_AT_ONCE) {
        const args = [GROUP, consumer, ...ids.slice(at, at + RENEWED_AT_ONCE)];
        const lost = (await callFunction(redis, { name: "renew", keys: [streamKey(queue)], args })) as Buffer[];
        for (const id of lost) held.delete(id.toString());
      }
    }
  }

  #of(queue: QueueName): Set<string> {
    return this.#held.get(queue) as Set<string>;
  }
}
