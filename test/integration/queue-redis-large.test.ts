import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import type { Lease, Put, Queues } from "../../services/core/queue/queue.ts";
import { connectRedisQueues } from "../../services/core/queue/redis.ts";
import { openRedis } from "../../services/core/queue/redis-connection.ts";
import { LARGE_BYTES } from "../../services/core/queue/redis-functions.ts";
import { largeKey } from "../../services/core/queue/redis-keys.ts";
import { fetchedPage } from "../fixtures/queue-messages.ts";
import { REDIS_IS_MISSING, type RedisServer, redisIsInstalled, startRedis } from "../fixtures/redis-server.ts";
import { until } from "../fixtures/until.ts";

const skip = !redisIsInstalled && REDIS_IS_MISSING;
const LEASE_MS = 900;
const LARGE = 4 * LARGE_BYTES;

async function openQueues({ url }: RedisServer): Promise<Queues & AsyncDisposable> {
  const queues = await connectRedisQueues({ url, leaseMs: LEASE_MS, log: pino({ level: "silent" }) });
  return Object.assign(queues, { [Symbol.asyncDispose]: () => queues.close() });
}

/** Each page is full of its place in the list. */
const pagesOf = (sizes: number[]): Put[] =>
  sizes.map((size, place) => ({ queue: "fetcher2processor", message: fetchedPage(`page${place}`, new Uint8Array(size).fill(place)) }));

const lease = (queues: Queues, maxBytes?: number) =>
  queues.lease("fetcher2processor", { max: 100, waitMs: 5_000, signal: new AbortController().signal, ...(maxBytes ? { maxBytes } : {}) });

/** Page number and size, and whether every byte is as it was put. */
const shown = (leases: Lease<"fetcher2processor">[]) =>
  leases.map(({ message: { order, page } }) => {
    const place = Number(order.taskid.slice("page".length));
    return `${place}: ${page.content.length}${page.content.every((byte) => byte === place) ? "" : ", damaged"}`;
  });

const sizes = [LARGE, 10, LARGE, LARGE, 10, LARGE_BYTES / 2, 20 * LARGE];
const whole = sizes.map((size, place) => `${place}: ${size}`);

test("a lease delivers small messages, and large ones while there is room; the next leases deliver the rest", { skip }, async () => {
  await using redis = await startRedis();
  await using queues = await openQueues(redis);
  await queues.put(pagesOf(sizes));

  const first = await lease(queues, 2.5 * LARGE);
  const second = await lease(queues, 2.5 * LARGE);
  const third = await lease(queues, 2.5 * LARGE);

  const part = (...places: number[]) => places.map((place) => whole[place]);
  assert.deepEqual([shown(first), shown(second), shown(third)], [part(0, 1, 2, 4, 5), part(3), part(6)]);
});

test("large messages are counted and completed like small ones, and leave no data", { skip }, async () => {
  await using redis = await startRedis();
  await using queues = await openQueues(redis);
  await queues.put(pagesOf(sizes));
  const before = await queues.depth();

  const leases = await lease(queues, Infinity);
  await queues.complete(leases.map((one) => ({ lease: one, puts: [] })));

  assert.deepEqual(shown(leases), whole);
  assert.deepEqual(
    [before.fetcher2processor, (await queues.depth()).fetcher2processor],
    [
      { ready: sizes.length, leased: 0 },
      { ready: 0, leased: 0 },
    ],
  );
  const client = openRedis(redis.url);
  const left = await until("Redis is connected", () => client.xlen(largeKey("fetcher2processor")).then(String, () => undefined));
  client.disconnect();
  assert.equal(left, "0");
});

test("a released large message is delivered again unchanged, without a counted delivery", { skip }, async () => {
  await using redis = await startRedis();
  await using queues = await openQueues(redis);
  await queues.put(pagesOf([LARGE]));

  await queues.release(await lease(queues));
  const again = await lease(queues);

  assert.deepEqual([shown(again), again[0]?.deliveries], [[`0: ${LARGE}`], 1]);
});

test("when a process closes, its read but unleased messages go to another, without a counted delivery", { skip }, async () => {
  await using redis = await startRedis();
  await using queues = await openQueues(redis);
  await queues.put(pagesOf([LARGE, LARGE, LARGE]));
  const closing = await openQueues(redis);
  const held = await lease(closing, 1);

  await closing.close();
  const taken: Lease<"fetcher2processor">[] = [];
  while (taken.length < 3) taken.push(...(await lease(queues)));

  assert.deepEqual(shown(held), [`0: ${LARGE}`]);
  assert.deepEqual(taken.map(({ message, deliveries }) => `${message.order.taskid} ${deliveries}`).sort(), [
    "page0 2",
    "page1 1",
    "page2 1",
  ]);
});
