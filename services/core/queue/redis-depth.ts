import type { Redis } from "ioredis";
import type { QueueDepth, QueueName } from "./queue.ts";
import { QUEUE_NAMES } from "./queue.ts";
import { GROUP } from "./redis-functions.ts";
import { streamKey } from "./redis-keys.ts";

/** The waiting and held messages of each queue, in one round trip. */
export async function readDepth(redis: Redis): Promise<Record<QueueName, QueueDepth>> {
  const depths = await Promise.all(QUEUE_NAMES.map(async (queue) => [queue, await depthOf(redis, queue)] as const));
  return Object.fromEntries(depths) as Record<QueueName, QueueDepth>;
}

async function depthOf(redis: Redis, queue: QueueName): Promise<QueueDepth> {
  const noneLeased = (error: Error): [number] => {
    // The queue has not been read yet.
    if (error.message.startsWith("NOGROUP")) return [0];
    throw error;
  };
  const [total, pending] = await Promise.all([redis.xlen(streamKey(queue)), redis.xpending(streamKey(queue), GROUP).catch(noneLeased)]);
  const leased = Number(pending[0]);
  // An entry leaves the stream when its lease ends; a read between the two commands may have moved some.
  return { ready: Math.max(0, total - leased), leased };
}
