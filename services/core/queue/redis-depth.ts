import type { Redis } from "ioredis";
import type { QueueDepth, QueueName } from "./queue.ts";
import { QUEUE_NAMES } from "./queue.ts";
import { GROUP } from "./redis-functions.ts";
import { streamKey } from "./redis-keys.ts";

/** The waiting and held messages of each queue, in one round trip. */
export async function readDepth(redis: Redis): Promise<Record<QueueName, QueueDepth>> {
  const now = redis.time().then(([seconds, microseconds]) => Number(seconds) * 1_000 + Math.floor(Number(microseconds) / 1_000));
  const depths = await Promise.all(QUEUE_NAMES.map(async (queue) => [queue, await depthOf(redis, queue, now)] as const));
  return Object.fromEntries(depths) as Record<QueueName, QueueDepth>;
}

async function depthOf(redis: Redis, queue: QueueName, now: Promise<number>): Promise<QueueDepth> {
  const noneLeased = (error: Error): [number] => {
    // The queue has not been read yet.
    if (error.message.startsWith("NOGROUP")) return [0];
    throw error;
  };
  const [total, pending, nowMs] = await Promise.all([
    redis.xlen(streamKey(queue)),
    redis.xpending(streamKey(queue), GROUP).catch(noneLeased),
    now,
  ]);
  const leased = Number(pending[0]);
  // An entry leaves the stream when its lease ends; a read between the two commands may have moved some.
  const ready = Math.max(0, total - leased);
  if (leased === 0) return { ready, leased };
  // An id begins with the Unix time in ms at which Redis added the message.
  const addedAt = Number.parseInt(String(pending[1]), 10);
  return { ready, leased, oldestMs: Math.max(0, nowMs - addedAt) };
}
