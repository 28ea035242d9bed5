import type { Lease, QueueName } from "../queue.ts";
import { QUEUE_NAMES } from "../queue.ts";
import type { QueueRedis } from "./redis-connection.ts";
import { streamKey } from "./redis-keys.ts";
import { GROUP } from "./redis-scripts.ts";

/** Ids in one renewal command: Redis serves nobody else meanwhile (about 2 ms). */
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

  delete({ queue, id }: Pick<Lease, "queue" | "id">): void {
    this.#of(queue).delete(id);
  }

  /** Tells Redis that this process is alive. Leases found lost are forgotten: `complete` will find out by itself. */
  async renew(redis: QueueRedis, consumer: string): Promise<void> {
    for (const [queue, held] of this.#held) {
      const ids = [...held];
      for (let at = 0; at < ids.length; at += RENEWED_AT_ONCE) {
        const lost = await redis.renew(streamKey(queue), GROUP, consumer, ids.slice(at, at + RENEWED_AT_ONCE));
        for (const id of lost) held.delete(id);
      }
    }
  }

  #of(queue: QueueName): Set<string> {
    return this.#held.get(queue) as Set<string>;
  }
}
