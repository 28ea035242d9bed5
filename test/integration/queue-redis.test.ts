import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import test from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pino from "pino";
import { type Lease, MAX_DELIVERIES, type Queues } from "../../services/core/queue/queue.ts";
import { connectRedisQueues } from "../../services/core/queue/redis.ts";
import { callFunction } from "../../services/core/queue/redis-connection.ts";
import { connectTo } from "../fixtures/redis-connection.ts";
import { REDIS_IS_MISSING, type RedisServer, redisIsInstalled, startRedis } from "../fixtures/redis-server.ts";
import { until } from "../fixtures/until.ts";
import { leaseNow, leaseOne, leaseSoon, type OpenedQueues, orders, pages, taskidsOf, testQueues } from "./queue-contract.ts";

const log = pino({ level: "silent" });
/** Short, so that a dead worker is noticed within a test. */
const LEASE_MS = 900;

if (redisIsInstalled) {
  const server = await startRedis();
  test.after(() => server[Symbol.asyncDispose]());
  testQueues(() => openEmpty(server));
  testWorkers(server);
  testRedelivered(server);
  testOutages(server);
  testUpkeep(server);
} else {
  test("queues on Redis", { skip: REDIS_IS_MISSING }, () => {});
}

async function openEmpty(server: RedisServer): Promise<OpenedQueues> {
  await server.empty();
  return open(server);
}

async function open({ url }: RedisServer): Promise<OpenedQueues> {
  const queues = await connectRedisQueues({ url, leaseMs: LEASE_MS, log });
  return { queues, [Symbol.asyncDispose]: () => queues.close() };
}

function testWorkers(server: RedisServer): void {
  test("messages of a killed worker go to another, with their deliveries counted", async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("a", "b"));
    await using holder = await startHolder(server);

    holder.kill("SIGKILL");
    const leases = await leaseSoon(opened.queues, "scheduler2fetcher");

    assert.deepEqual(holder.taskids, ["a", "b"]);
    assert.deepEqual(taskidsOf(leases), ["a", "b"]);
    assert.deepEqual(
      leases.map(({ deliveries }) => deliveries),
      [2, 2],
    );
  });

  test("a worker that was paused for longer than its lease completes nothing when it continues", async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("a"));
    await using holder = await startHolder(server);

    holder.kill("SIGSTOP");
    const lease = await leaseOne(opened.queues, "scheduler2fetcher");
    holder.kill("SIGCONT");
    await holder.complete();
    const afterTheLate = await opened.queues.depth();
    await opened.queues.complete([{ lease, puts: pages("a") }]);

    assert.deepEqual(afterTheLate.fetcher2processor, { ready: 0, leased: 0 });
    assert.equal(afterTheLate.scheduler2fetcher.leased, 1);
    const { message } = await leaseOne(opened.queues, "fetcher2processor");
    assert.equal(message.order.taskid, "a");
  });

  test("a running worker keeps its lease while it works", async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("a"));
    await using holder = await startHolder(server);

    const taken = await opened.queues.lease("scheduler2fetcher", { max: 1, waitMs: 3 * LEASE_MS, signal: new AbortController().signal });
    await holder.complete();

    assert.deepEqual(taken, []);
    const { message, deliveries } = await leaseOne(opened.queues, "fetcher2processor");
    assert.deepEqual([message.order.taskid, deliveries], ["late-a", 1]);
  });

  test("renewing a lease counts no delivery", async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("a"));
    await using holder = await startHolder(server);

    const whileItLives = await opened.queues.lease("scheduler2fetcher", {
      max: 1,
      waitMs: 1.5 * LEASE_MS,
      signal: new AbortController().signal,
    });
    holder.kill("SIGKILL");
    const lease = await leaseOne(opened.queues, "scheduler2fetcher");

    assert.deepEqual(whileItLives, []);
    assert.equal(lease.deliveries, 2);
  });

  test("a crash counts as a delivery, a release before it does not", async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("a"));
    await opened.queues.release(await leaseSoon(opened.queues, "scheduler2fetcher"));
    await using holder = await startHolder(server);

    holder.kill("SIGKILL");
    const lease = await leaseOne(opened.queues, "scheduler2fetcher");

    assert.equal(lease.deliveries, 2);
  });
}

function testRedelivered(server: RedisServer): void {
  test("if a worker lost a lease and still runs, that delivery does not count", async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("a"));
    await using sleeper = await startHolder(server);

    sleeper.kill("SIGSTOP");
    const second = await open(server);
    const taken = await leaseOne(second.queues, "scheduler2fetcher");
    sleeper.kill("SIGCONT");
    await sleeper.complete();
    await second[Symbol.asyncDispose]();
    const { deliveries } = await leaseOne(opened.queues, "scheduler2fetcher");

    assert.deepEqual([taken.deliveries, deliveries], [2, 2]);
  });

  test("a running worker that lost a lease withdraws only its own delivery, not those of crashed workers", {
    timeout: 30_000,
  }, async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("a"));
    await using sleeper = await startHolder(server);
    sleeper.kill("SIGSTOP");
    for (let deaths = 0; deaths < 2; deaths++) {
      await using worker = await open(server);
      await leaseOne(worker.queues, "scheduler2fetcher");
      if (deaths === 0) continue;
      sleeper.kill("SIGCONT");
      // Until it has renewed what it holds, too.
      await delay(LEASE_MS);
      await sleeper.complete();
    }

    const { deliveries } = await leaseOne(opened.queues, "scheduler2fetcher");

    assert.equal(deliveries, 3);
  });

  test("a message that crashed two workers is delivered alone", { timeout: 30_000 }, async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("redelivered"));
    for (let deaths = 0; deaths < 2; deaths++) {
      await using worker = await open(server);
      await leaseOne(worker.queues, "scheduler2fetcher");
    }
    await opened.queues.put(orders("a", "b"));
    const [first] = await leaseSoon(opened.queues, "scheduler2fetcher", 1);
    // Until the crashed worker's lease has expired and another worker has reclaimed it.
    await delay(2 * LEASE_MS);

    const whileOneIsHeld = await leaseShortly(opened.queues);
    await opened.queues.complete([{ lease: first as Lease<"scheduler2fetcher">, puts: [] }]);
    const redelivered = await leaseOne(opened.queues, "scheduler2fetcher");
    const besideIt = await leaseShortly(opened.queues);
    await opened.queues.complete([{ lease: redelivered, puts: [] }]);
    const afterwards = await leaseOne(opened.queues, "scheduler2fetcher");

    assert.deepEqual(
      [first?.message.taskid, whileOneIsHeld, redelivered.message.taskid, redelivered.deliveries],
      ["a", [], "redelivered", 3],
    );
    assert.deepEqual([besideIt, afterwards.message.taskid], [[], "b"]);
  });

  test("a message that crashes its workers does not quarantine other messages", { timeout: 60_000 }, async () => {
    await (await openEmpty(server))[Symbol.asyncDispose]();
    const innocents = Array.from({ length: 30 }, (_, index) => `innocent ${index}`);
    await using first = await open(server);
    await first.queues.put(orders(...innocents.slice(0, 15), "poison", ...innocents.slice(15)));
    const most = new Map<string, number>();
    let deaths = 0;

    const isDone = () => most.get("poison") === MAX_DELIVERIES + 1 && innocents.every((name) => most.has(name));
    while (!isDone() && deaths <= 2 * MAX_DELIVERIES) deaths += await workUntilDeath(server, most, isDone);

    assert.equal(deaths, MAX_DELIVERIES);
    assert.deepEqual(
      innocents.filter((name) => (most.get(name) ?? 0) > MAX_DELIVERIES),
      [],
    );
  });
}

const leaseShortly = (queues: Queues) =>
  queues.lease("scheduler2fetcher", { max: 10, waitMs: LEASE_MS, signal: new AbortController().signal });

/** Works as a role does until it is handed the poison and dies of it, or has nothing left; 1 if it died. Notes the deliveries of what it ended. */
async function workUntilDeath(server: RedisServer, ended: Map<string, number>, isDone: () => boolean): Promise<0 | 1> {
  await using worker = await open(server);
  while (!isDone()) {
    const leases = await leaseSoon(worker.queues, "scheduler2fetcher");
    const poison = leases.find(({ message }) => message.taskid === "poison");
    if (poison && poison.deliveries <= MAX_DELIVERIES) return 1;
    for (const { message, deliveries } of leases) ended.set(message.taskid, deliveries);
    await worker.queues.complete(leases.map((lease) => ({ lease, puts: [] })));
  }
  return 0;
}

function testOutages(server: RedisServer): void {
  test("queues work after Redis was emptied, and earlier leases complete nothing", async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("before"), { to: 5 });
    const held = await leaseSoon(opened.queues, "scheduler2fetcher");

    const waiting = leaseSoon(opened.queues, "scheduler2fetcher");
    await server.empty();
    const queueVersion = await opened.queues.queueVersion();
    await opened.queues.complete(held.map((lease) => ({ lease, puts: pages("before") })));
    await opened.queues.put(orders("after"), { to: 6 });
    const leases = await waiting;

    assert.equal(queueVersion, undefined);
    assert.deepEqual(taskidsOf(leases), ["after"]);
    assert.deepEqual((await opened.queues.depth()).fetcher2processor, { ready: 0, leased: 0 });
  });

  test("a killed and restarted Redis loses no data, and puts, completions and waits continue", async () => {
    await using opened = await openEmpty(server);
    await opened.queues.put(orders("a"), { to: 5 });
    const lease = await leaseOne(opened.queues, "scheduler2fetcher");

    const waiting = leaseSoon(opened.queues, "scheduler2fetcher");
    await server.kill();
    await until("the loss is noticed", () => !opened.queues.isConnected());
    const completing = opened.queues.complete([{ lease, puts: pages("a") }]);
    const putting = opened.queues.put(orders("b"));
    await server.restart();
    await Promise.all([completing, putting]);

    assert.deepEqual(taskidsOf(await waiting), ["b"]);
    assert.deepEqual((await leaseOne(opened.queues, "fetcher2processor")).message.order.taskid, "a");
    assert.equal(await opened.queues.queueVersion(), 5);
    assert.equal(opened.queues.isConnected(), true);
  });

  test("a full Redis accepts no new orders, and frees memory from the last stage first", async () => {
    await using opened = await openEmpty(server);
    const { queues } = opened;
    await queues.put([...orders("a"), ...pages("before")]);
    const order = await leaseOne(queues, "scheduler2fetcher");
    const page = await leaseOne(queues, "fetcher2processor");
    await using operator = await connectTo(server);
    const passed: string[] = [];
    const note = (what: string) => () => void passed.push(what);

    await operator.config("SET", "maxmemory", "1");
    const ordered = queues.put(orders("b")).then(note("another order"));
    const fetched = queues.complete([{ lease: order, puts: pages("a") }]).then(note("the order's page"));
    await queues.complete([{ lease: page, puts: [] }]).then(note("the page before"));
    await fetched;
    await operator.config("SET", "maxmemory", "0");
    await ordered;

    assert.deepEqual(passed, ["the page before", "the order's page", "another order"]);
    assert.equal((await leaseOne(queues, "fetcher2processor")).message.order.taskid, "a");
  });

  test("a full Redis immediately refuses messages that a scheduler can keep, and lets a scheduler begin", async () => {
    await using opened = await openEmpty(server);
    const { queues } = opened;
    await queues.put([], { to: 1 });
    await using operator = await connectTo(server);

    await operator.config("SET", "maxmemory", "1");
    await assert.rejects(queues.put(orders("a"), { from: 1, to: 2 }), { code: "E_QUEUE_FULL" });
    await assert.rejects(queues.putScript({ hash: "aa", project: "books", compiled: "script" }), { code: "E_QUEUE_FULL" });
    const markerBefore = await queues.queueVersion();
    const isBegun = await queues.put([], { to: 10 });
    const markerAfter = await queues.queueVersion();
    await operator.config("SET", "maxmemory", "0");

    assert.deepEqual([markerBefore, isBegun, markerAfter], [1, true, 10]);
    assert.equal(await queues.put(orders("a"), { from: 10, to: 11 }), true);
  });

  test("while Redis is unavailable, a waiting lease ends empty and depth fails with E_QUEUE_UNAVAILABLE", async () => {
    await using opened = await openEmpty(server);
    await server.kill();
    await until("the loss is noticed", () => !opened.queues.isConnected());

    const leases = await leaseNow(opened.queues, "scheduler2fetcher");
    const depth = await opened.queues.depth().catch((error) => error);
    await server.restart();

    assert.deepEqual(leases, []);
    assert.equal(depth.code, "E_QUEUE_UNAVAILABLE");
  });
}

function testUpkeep(server: RedisServer): void {
  test("an unreadable message is quarantined, and the next one is delivered", async () => {
    await using opened = await openEmpty(server);
    await using redis = await connectTo(server);
    await redis.xadd("orb:scheduler2fetcher", "*", "m", '{"project":"books"}');
    await redis.xadd("orb:scheduler2fetcher", "*", "m", "{");
    await redis.xadd("orb:scheduler2fetcher", "*", "other", "field");
    await opened.queues.put(orders("a"));

    const leases = await leaseSoon(opened.queues, "scheduler2fetcher");

    assert.deepEqual(taskidsOf(leases), ["a"]);
    assert.equal((await opened.queues.depth()).scheduler2fetcher.leased, 1);
    const aside = await redis.xrange("orb:unreadable", "-", "+");
    assert.deepEqual(
      aside.map(([, fields]) => fields),
      [
        ["m", '{"project":"books"}'],
        ["m", "{"],
        ["m", "field"],
      ],
    );
  });

  test("dead consumers are removed unless they hold messages", async () => {
    await using opened = await openEmpty(server);
    await using redis = await connectTo(server);
    await opened.queues.put(orders("a"));
    await leaseSoon(opened.queues, "scheduler2fetcher");
    await redis.xgroup("CREATECONSUMER", "orb:scheduler2fetcher", "orb", "gone");

    const call = { name: "forgetConsumers", keys: ["orb:scheduler2fetcher"], args: ["orb", 20] } as const;
    const idle = async () => ((await callFunction(redis, call)) as number) > 0;
    await until("a consumer is forgotten", idle);

    const consumers = (await redis.xinfo("CONSUMERS", "orb:scheduler2fetcher", "orb")) as string[][];
    assert.equal(consumers.length, 1);
    assert.notEqual(consumers[0]?.[1], "gone");
  });
}

/** A process of its own that holds all waiting orders. */
async function startHolder({ url }: RedisServer) {
  const child = spawn(process.execPath, ["test/fixtures/queue-holder.ts", url, String(LEASE_MS)], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const nextLine = async () => String((await lines.next()).value);
  const taskids = (await nextLine()).replace("held ", "").split(",");
  return {
    taskids,
    kill: (signal: NodeJS.Signals) => child.kill(signal),
    /** Resolves when the holder has done so. */
    async complete() {
      child.stdin.write("complete\n");
      assert.equal(await nextLine(), "completed");
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}
