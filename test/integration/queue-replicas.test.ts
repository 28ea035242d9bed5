/** The list of processes that are connected to the queues. */
import assert from "node:assert/strict";
import { hostname } from "node:os";
import { test } from "node:test";
import pino from "pino";
import { connectRedisQueues } from "../../services/core/queue/redis.ts";
import { replicasKey } from "../../services/core/queue/redis-keys.ts";
import { ownVersion } from "../../services/core/runtime/own-version.ts";
import { connectTo } from "../fixtures/redis-connection.ts";
import { REDIS_IS_MISSING, redisIsInstalled, startRedis } from "../fixtures/redis-server.ts";

const log = pino({ level: "silent" });
const LEASE_MS = 900;
const skip = !redisIsInstalled && REDIS_IS_MISSING;

test("each process is listed with its role, machine and messages until it ends", { skip }, async () => {
  await using server = await startRedis();
  const open = (role: "fetcher" | "webui") => connectRedisQueues({ role, url: server.url, leaseMs: LEASE_MS, log });
  const [fetcher, other, webui] = await Promise.all([open("fetcher"), open("fetcher"), open("webui")]);

  const all = await webui.listReplicas();
  await other.close();
  const left = await webui.listReplicas();
  await Promise.all([fetcher.close(), webui.close()]);

  assert.deepEqual(
    [all, left].map((replicas) => replicas.map(({ role }) => role)),
    [
      ["fetcher", "fetcher", "webui"],
      ["fetcher", "webui"],
    ],
  );
  assert.equal(new Set(all.map(({ id }) => id)).size, 3);
  for (const { host, version, startedAt, memoryBytes, held } of all) {
    assert.equal(host, hostname());
    assert.equal(version, ownVersion());
    assert.ok(Math.abs(Date.now() / 1_000 - process.uptime() - startedAt) < 2);
    assert.ok(memoryBytes > 10_000_000);
    assert.equal(held, 0);
  }
});

test("processes that were silent for 20 s are not listed, and the next one of their role forgets them", { skip }, async () => {
  await using server = await startRedis();
  await using redis = await connectTo(server);
  const key = replicasKey("fetcher");
  const now = Number((await redis.time())[0]);
  const facts = JSON.stringify({ host: "a", startedAt: 1, memoryBytes: 1, held: 2 });
  await redis.hset(key, { old: `${now - 60} ${facts}`, young: `${now} ${facts}` });
  const webui = await connectRedisQueues({ role: "webui", url: server.url, leaseMs: LEASE_MS, log });

  const listed = await webui.listReplicas();
  const before = await redis.hkeys(key);
  const fetcher = await connectRedisQueues({ role: "fetcher", url: server.url, leaseMs: LEASE_MS, log });
  const after = await redis.hkeys(key);
  await Promise.all([fetcher.close(), webui.close()]);

  assert.deepEqual(listed.map(({ id }) => id).slice(0, -1), ["young"]);
  assert.deepEqual([before.length, after.length, after.includes("old")], [2, 2, false]);
});

test("what a role writes about its processes is bounded before it is read, and checked", { skip }, async () => {
  await using server = await startRedis();
  await using redis = await connectTo(server);
  const now = Number((await redis.time())[0]);
  const facts = { host: "a", startedAt: 1, memoryBytes: 1, held: 2 };
  const notes = {
    good: facts,
    large: { ...facts, host: "x".repeat(600) },
    wrong: { ...facts, held: "many" },
    short: { host: "a" },
  };
  for (const [id, note] of Object.entries(notes)) await redis.hset(replicasKey("processor"), id, `${now} ${JSON.stringify(note)}`);
  await redis.hset(replicasKey("processor"), { text: "no time", "": `${now} {` });
  const crowd = Array.from({ length: 1_001 }, (_, n) => [`r${n}`, `${now} ${JSON.stringify(facts)}`]);
  await redis.hset(replicasKey("fetcher"), Object.fromEntries(crowd));
  const queues = await connectRedisQueues({ url: server.url, leaseMs: LEASE_MS, log });

  const listed = await queues.listReplicas();
  await queues.close();

  assert.deepEqual(listed, [{ role: "processor", id: "good", ...facts }]);
});
