import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import pino from "pino";
import { connectRedisQueues } from "../../../services/core/queue/redis.ts";
import { fetchedPage, outcome } from "../../fixtures/queue-messages.ts";
import { REDIS_IS_MISSING, redisIsInstalled } from "../../fixtures/redis-server.ts";
import { connectClient, type RedisWithLogins, startRedisWithLogins } from "../../fixtures/redis-with-logins.ts";
import { openRoleQueues } from "../../fixtures/role-queues.ts";
import { until } from "../../fixtures/until.ts";
import { leaseOne, leaseSoon, orders, pages, taskidsOf, testQueues } from "../queue-contract.ts";

const log = pino({ level: "silent" });
const LEASE_MS = 900;

if (redisIsInstalled) {
  const redis = await startRedisWithLogins();
  test.after(() => redis[Symbol.asyncDispose]());
  testQueues(async () => {
    await redis.operator.flushall();
    const queues = await openRoleQueues(redis, LEASE_MS);
    return { queues, [Symbol.asyncDispose]: () => queues.close() };
  });
  testRefusals(redis);
  testAccidents(redis);
  testFunctions(redis);
} else {
  test("Redis with one login per role", { skip: REDIS_IS_MISSING }, () => {});
}

function testRefusals(redis: RedisWithLogins): void {
  test("Redis answers nothing without a password", async () => {
    await using client = connectClient(`redis://127.0.0.1:${redis.port}`);

    await assert.rejects(client.get("orb:marker"), /NOAUTH/);
  });

  test("a processor cannot replace a script, neither by a command nor by a function", async () => {
    await redis.operator.set("orb:script:aa", "honest");
    await using client = connectClient(redis.urlOf("processor"));
    await redis.operator.call("FUNCTION", "LOAD", "REPLACE", OTHER_LIBRARY);

    await assert.rejects(client.set("orb:script:aa", "forged"), /NOPERM/);
    await assert.rejects(client.call("EVAL", "return redis.call('SET', KEYS[1], 'forged')", 1, "orb:script:aa"), /NOPERM/);
    await assert.rejects(client.call("FCALL", "other_set", 0, "orb:script:aa"), /can't (access|run)|NOPERM/);
    await assert.rejects(client.call("FCALL", "other_set", 1, "orb:marker", "orb:marker"), /can't (access|run)|NOPERM/);
    assert.equal(await client.get("orb:script:aa"), "honest");
    await redis.operator.call("FUNCTION", "DELETE", "other");
  });
}

/** Does what its caller says, as a function of ours with a hole would. */
const OTHER_LIBRARY = `#!lua name=other
redis.register_function('other_set', function(keys, args) return redis.call('SET', args[1], 'forged') end)`;

function testAccidents(redis: RedisWithLogins): void {
  test("a full Redis frees memory with the roles' own logins", async () => {
    await redis.operator.flushall();
    const queues = await openRoleQueues(redis, LEASE_MS);
    await queues.put([], { to: 1 });
    await queues.put(orders("a"));
    await queues.put(pages("before"));
    const [order, page] = [await leaseOne(queues, "scheduler2fetcher"), await leaseOne(queues, "fetcher2processor")];
    const passed: string[] = [];
    const note = (what: string) => () => void passed.push(what);

    await redis.operator.config("SET", "maxmemory", "1");
    const refused = await queues.put(orders("b"), { from: 1, to: 2 }).catch((error) => error.code);
    const fetched = queues.complete([{ lease: order, puts: pages("a") }]).then(note("the order's page"));
    await queues.complete([{ lease: page, puts: [] }]).then(note("the page before"));
    await fetched;
    await redis.operator.config("SET", "maxmemory", "0");

    assert.equal(refused, "E_QUEUE_FULL");
    assert.deepEqual(passed, ["the page before", "the order's page"]);
    assert.equal((await leaseOne(queues, "fetcher2processor")).message.order.taskid, "a");
    await queues.close();
  });

  test("an unreadable message is quarantined, and a page of 1 MiB passes, with the roles' own logins", async () => {
    await redis.operator.flushall();
    const queues = await openRoleQueues(redis, LEASE_MS);
    await redis.operator.xadd("orb:fetcher2processor", "*", "m", "{");
    const message = fetchedPage("large", new Uint8Array(2 ** 20).fill(7));
    await queues.put([{ queue: "fetcher2processor", message }]);

    const lease = await leaseOne(queues, "fetcher2processor");
    await queues.complete([{ lease, puts: [{ queue: "processor2result", message: outcome("large") }] }]);

    assert.deepEqual(lease.message.page.content.length, 2 ** 20);
    await until("the other is quarantined", async () => (await redis.operator.xlen("orb:unreadable")) === 1);
    assert.deepEqual(
      [(await queues.depth()).fetcher2processor, await redis.operator.xlen("orb:fetcher2processor:large")],
      [{ ready: 0, leased: 0 }, 0],
    );
    await queues.close();
  });
}

function testFunctions(redis: RedisWithLogins): void {
  test("a deployment can load the functions repeatedly with the operator's login, before a scheduler runs", async () => {
    await redis.empty();
    const load = (url: string) =>
      spawnSync(process.execPath, ["services/core/queue/load-main.ts"], { env: { PATH: "", ORB_REDIS_URL: url }, encoding: "utf8" });
    const statuses = [load(redis.urlOf("operator")).status, load(redis.urlOf("operator")).status];

    const fetcher = await connectRedisQueues({ url: redis.urlOf("fetcher"), leaseMs: LEASE_MS, log });
    await fetcher.put(pages("a"));

    assert.deepEqual(statuses, [0, 0]);
    assert.deepEqual(((await redis.operator.call("FUNCTION", "LIST", "LIBRARYNAME", "orb_*")) as unknown[]).length, 1);
    assert.equal(await redis.operator.xlen("orb:fetcher2processor"), 1);
    await fetcher.close();
  });

  test("a role without the right to load functions waits for the scheduler, also after Redis lost them", async () => {
    await redis.empty();
    const open = (login: "fetcher" | "scheduler") => connectRedisQueues({ url: redis.urlOf(login), leaseMs: LEASE_MS, log });
    const fetcher = await open("fetcher");
    const taken: string[][] = [];
    const working = leaseSoon(fetcher, "scheduler2fetcher").then((leases) => taken.push(taskidsOf(leases)));
    const scheduler = await open("scheduler");
    await scheduler.put(orders("a"), { to: 1 });
    await working;

    await redis.empty();
    const again = leaseSoon(fetcher, "scheduler2fetcher");
    await scheduler.put(orders("b"), { to: 2 });
    taken.push(taskidsOf(await again));

    assert.deepEqual(taken, [["a"], ["b"]]);
    await Promise.all([fetcher.close(), scheduler.close()]);
  });
}
