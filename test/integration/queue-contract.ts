/** What every implementation of the queues does. */
import assert from "node:assert/strict";
import test from "node:test";
import type { Lease, Put, QueueName, Queues } from "../../services/core/queue/queue.ts";
import { fetchedPage, fetchOrder, outcome } from "../fixtures/queue-messages.ts";
import { until } from "../fixtures/until.ts";

const never = new AbortController().signal;

export const orders = (...taskids: string[]): Put[] =>
  taskids.map((taskid) => ({ queue: "scheduler2fetcher", message: fetchOrder(taskid) }));
export const pages = (...taskids: string[]): Put[] =>
  taskids.map((taskid) => ({ queue: "fetcher2processor", message: fetchedPage(taskid) }));

/** What waits, up to `max`, without waiting for more. */
export const leaseNow = <Q extends QueueName>(queues: Queues, queue: Q, max = 100): Promise<Lease<Q>[]> =>
  queues.lease(queue, { max, waitMs: 0, signal: never });

/** What comes within 10 s. */
export const leaseSoon = <Q extends QueueName>(queues: Queues, queue: Q, max = 100): Promise<Lease<Q>[]> =>
  queues.lease(queue, { max, waitMs: 10_000, signal: never });

export const taskidsOf = (leases: Lease<"scheduler2fetcher">[]) => leases.map(({ message }) => message.taskid);

/** Only one message was expected: that one. */
export async function leaseOne<Q extends QueueName>(queues: Queues, queue: Q): Promise<Lease<Q>> {
  const [lease, ...others] = await leaseSoon(queues, queue);
  assert(lease, `nothing came from ${queue}`);
  assert.equal(others.length, 0, `more than one message came from ${queue}`);
  return lease;
}

export interface OpenedQueues extends AsyncDisposable {
  queues: Queues;
}

/** Adds one test a promise; `open` gives empty queues. */
export function testQueues(open: () => Promise<OpenedQueues>): void {
  testDelivery(open);
  testEndings(open);
  testWaiting(open);
  testContent(open);
  testSideStores(open);
}

function testDelivery(open: () => Promise<OpenedQueues>): void {
  test("a scheduler writes its queue version when it begins, even without messages", async () => {
    await using opened = await open();

    const isDone = await opened.queues.put([], { to: 7 });

    assert.deepEqual([isDone, await opened.queues.queueVersion()], [true, 7]);
  });

  test("messages are delivered in the order of their puts", async () => {
    await using opened = await open();
    const taskids = Array.from({ length: 250 }, (_, index) => `task${index}`);

    await opened.queues.put(orders(...taskids.slice(0, 100)));
    await opened.queues.put(orders(...taskids.slice(100)));
    const first = await leaseSoon(opened.queues, "scheduler2fetcher", 130);
    const second = await leaseSoon(opened.queues, "scheduler2fetcher", 1_000);

    assert.equal(first.length, 130);
    assert.deepEqual(taskidsOf([...first, ...second]), taskids);
  });

  test("a leased message is not delivered to another consumer", async () => {
    await using opened = await open();
    await opened.queues.put(orders("a"));

    const lease = await leaseOne(opened.queues, "scheduler2fetcher");
    const again = await leaseNow(opened.queues, "scheduler2fetcher");

    assert.equal(lease.deliveries, 1);
    assert.deepEqual(again, []);
  });

  test("depth counts waiting and leased messages", async () => {
    await using opened = await open();
    await opened.queues.put([...orders("a", "b", "c"), ...pages("d")]);

    await leaseSoon(opened.queues, "scheduler2fetcher", 2);

    const { scheduler2fetcher, ...others } = await opened.queues.depth();
    assert.deepEqual([scheduler2fetcher.ready, scheduler2fetcher.leased], [1, 2]);
    assert.deepEqual(others, {
      fetcher2processor: { ready: 1, leased: 0 },
      processor2result: { ready: 0, leased: 0 },
      status_queue: { ready: 0, leased: 0 },
    });
  });

  test("depth has the age of the oldest message that is leased", async () => {
    await using opened = await open();
    const ageOf = async () => (await opened.queues.depth()).scheduler2fetcher.oldestMs;
    const before = performance.now();
    await opened.queues.put(orders("old"));
    const waiting = await ageOf();
    const old = await leaseOne(opened.queues, "scheduler2fetcher");
    await until("the clock has moved", async () => ((await ageOf()) ?? 0) >= 20);

    await opened.queues.put(orders("young"));
    await leaseOne(opened.queues, "scheduler2fetcher");
    const both = (await ageOf()) ?? 0;
    const passed = performance.now() - before;
    await opened.queues.complete([{ lease: old, puts: [] }]);
    const young = (await ageOf()) ?? 0;

    assert.equal(waiting, undefined);
    assert.ok(both >= 20 && both <= passed + 2, `${both} of ${passed} ms`);
    assert.ok(young < both, `${young} and ${both} ms`);
  });
}

function testEndings(open: () => Promise<OpenedQueues>): void {
  test("completing ends the leases and adds the resulting messages", async () => {
    await using opened = await open();
    await opened.queues.put(orders("a", "b"));
    const leases = await leaseSoon(opened.queues, "scheduler2fetcher");

    await opened.queues.complete(leases.map((lease) => ({ lease, puts: pages(lease.message.taskid) })));

    const came = await leaseSoon(opened.queues, "fetcher2processor");
    assert.deepEqual(
      came.map(({ message }) => message.order.taskid),
      ["a", "b"],
    );
    assert.deepEqual((await opened.queues.depth()).scheduler2fetcher, { ready: 0, leased: 0 });
  });

  test("an ended lease completes nothing", async () => {
    await using opened = await open();
    await opened.queues.put(orders("a", "b"));
    const [first, second] = await leaseSoon(opened.queues, "scheduler2fetcher");
    assert(first && second);
    await opened.queues.complete([{ lease: first, puts: pages("once") }]);

    await opened.queues.complete([
      { lease: first, puts: pages("twice", "thrice") },
      { lease: second, puts: pages("second") },
    ]);

    const came = await leaseSoon(opened.queues, "fetcher2processor");
    assert.deepEqual(
      came.map(({ message }) => message.order.taskid),
      ["once", "second"],
    );
  });

  test("a released message is delivered again at once, and that delivery does not count", async () => {
    await using opened = await open();
    await opened.queues.put(pages("a"));
    const lease = await leaseOne(opened.queues, "fetcher2processor");

    await opened.queues.release([lease]);
    const second = await leaseOne(opened.queues, "fetcher2processor");
    await opened.queues.release([second]);
    const third = await leaseOne(opened.queues, "fetcher2processor");

    assert.deepEqual([lease.deliveries, second.deliveries, third.deliveries], [1, 1, 1]);
    assert.deepEqual(new Uint8Array(third.message.page.content), fetchedPage("a").page.content);
  });

  test("the lease of a released message can neither complete nor release it", async () => {
    await using opened = await open();
    await opened.queues.put(orders("a"));
    const lease = await leaseOne(opened.queues, "scheduler2fetcher");
    await opened.queues.release([lease]);

    await opened.queues.complete([{ lease, puts: pages("a") }]);
    await opened.queues.release([lease]);

    const depth = await opened.queues.depth();
    assert.deepEqual(depth.scheduler2fetcher, { ready: 1, leased: 0 });
    assert.deepEqual(depth.fetcher2processor, { ready: 0, leased: 0 });
  });

  test("a dead letter becomes an outcome with its evidence", async () => {
    await using opened = await open();
    await opened.queues.put(orders("a"));
    const lease = await leaseOne(opened.queues, "scheduler2fetcher");

    await opened.queues.deadLetter(lease, "its workers died");
    await opened.queues.deadLetter(lease, "its workers died");

    const { message } = await leaseOne(opened.queues, "processor2result");
    assert.deepEqual(message.dead, { queue: "scheduler2fetcher", deliveries: 1, reason: "its workers died" });
    assert.deepEqual([message.taskid, message.attempt, message.results, message.follows], ["a", 7, null, []]);
    assert.deepEqual([message.fetch.error?.code, message.process.error?.code], ["E_POISON_TASK", "E_POISON_TASK"]);
    assert.deepEqual((await opened.queues.depth()).scheduler2fetcher, { ready: 0, leased: 0 });
  });
}

function testWaiting(open: () => Promise<OpenedQueues>): void {
  test("a waiting lease receives new messages", async () => {
    await using opened = await open();
    const start = performance.now();

    const waiting = leaseSoon(opened.queues, "scheduler2fetcher");
    await opened.queues.put(orders("a"));
    const leases = await waiting;

    assert.deepEqual(taskidsOf(leases), ["a"]);
    assert(performance.now() - start < 5_000, "it was not woken");
  });

  test("a lease without messages is empty after its timeout", async () => {
    await using opened = await open();

    const leases = await opened.queues.lease("scheduler2fetcher", { max: 1, waitMs: 30, signal: never });

    assert.deepEqual(leases, []);
  });

  test("an abort ends a waiting lease, and later messages go to the next lease", async () => {
    await using opened = await open();
    const controller = new AbortController();
    const start = performance.now();

    const waiting = opened.queues.lease("scheduler2fetcher", { max: 1, waitMs: 60_000, signal: controller.signal });
    controller.abort();
    const aborted = await waiting;
    await opened.queues.put(orders("a"));

    assert.deepEqual(aborted, []);
    assert(performance.now() - start < 5_000, "the abort was not noticed");
    assert.deepEqual(taskidsOf(await leaseSoon(opened.queues, "scheduler2fetcher")), ["a"]);
  });

  test("two waiting leases share new messages", async () => {
    await using opened = await open();
    const both = [leaseSoon(opened.queues, "scheduler2fetcher", 2), leaseSoon(opened.queues, "scheduler2fetcher", 2)];

    await opened.queues.put(orders("a", "b", "c"));
    const leases = (await Promise.all(both)).flat();

    assert.deepEqual(taskidsOf(leases).sort(), ["a", "b", "c"]);
  });
}

function testContent(open: () => Promise<OpenedQueues>): void {
  test("a page's bytes are delivered unchanged", async () => {
    await using opened = await open();
    const everyByte = Uint8Array.from({ length: 300_000 }, (_, index) => index * 7 + (index >> 8));
    const contents = [everyByte, new Uint8Array(), everyByte.subarray(11, 13)];

    await opened.queues.put(
      contents.map((content, index) => ({ queue: "fetcher2processor", message: fetchedPage(`page${index}`, content) })),
    );
    const leases = await leaseSoon(opened.queues, "fetcher2processor");

    for (const [index, content] of contents.entries()) {
      const came = leases[index]?.message.page.content ?? [];
      assert(Buffer.compare(Buffer.from(came), Buffer.from(content)) === 0, `page ${index} came with ${came.length} bytes`);
    }
  });

  test("a script's saved values are delivered unchanged, whatever their characters", async () => {
    await using opened = await open();
    const save = { text: "\u0000 \ud800 \u{1f577} \r\n", deep: [null, 0.1, -0, { "": [] }] };

    await opened.queues.put([{ queue: "scheduler2fetcher", message: { ...fetchOrder("a"), save } }]);
    const { message } = await leaseOne(opened.queues, "scheduler2fetcher");

    assert.equal(JSON.stringify(message.save), JSON.stringify(save));
  });

  test("outcomes and pokes share the status queue", async () => {
    await using opened = await open();

    await opened.queues.put([
      { queue: "status_queue", message: { kind: "poke" } },
      { queue: "status_queue", message: outcome("a") },
    ]);
    const leases = await leaseSoon(opened.queues, "status_queue");

    assert.deepEqual(
      leases.map(({ message }) => message),
      [{ kind: "poke" }, outcome("a")],
    );
  });
}

function testSideStores(open: () => Promise<OpenedQueues>): void {
  test("a step from another queue version than the stored one adds nothing", async () => {
    await using opened = await open();

    const fromNothing = await opened.queues.put(orders("a"), { from: 40, to: 41 });
    const fromAny = await opened.queues.put(orders("b"), { to: 41 });
    const fromOther = await opened.queues.put(orders("c"), { from: 40, to: 42 });
    const fromThere = await opened.queues.put(orders("d"), { from: 41, to: 9_007_199_254_740_991 });

    assert.deepEqual([fromNothing, fromAny, fromOther, fromThere], [false, true, false, true]);
    assert.equal(await opened.queues.queueVersion(), 9_007_199_254_740_991);
    assert.deepEqual(taskidsOf(await leaseSoon(opened.queues, "scheduler2fetcher")), ["b", "d"]);
  });

  test("queues without a step have no queue version", async () => {
    await using opened = await open();

    await opened.queues.put(orders("a"));

    assert.equal(await opened.queues.queueVersion(), undefined);
  });

  test("an answer to the debugger can be taken once, with the bytes of its page", async () => {
    await using opened = await open();
    const { page } = fetchedPage("a");
    const { process, results, follows, messages } = outcome("a");
    const answer = { page: { ...page, content: new Uint8Array([0, 255, 128]) }, bytes: 3, process, results, follows, messages };

    await opened.queues.putAnswer("one", answer);
    const [taken, other] = [await opened.queues.takeAnswer("one"), await opened.queues.takeAnswer("two")];

    assert(taken);
    assert.deepEqual({ ...taken, page: { ...taken.page, content: new Uint8Array(taken.page.content) } }, answer);
    assert.deepEqual([other, await opened.queues.takeAnswer("one")], [undefined, undefined]);
  });

  test("a script is stored under its hash until it is removed, and listed with its size", async () => {
    await using opened = await open();
    const compiled = "export default 1; // \u{1f577}";
    await opened.queues.putScript({ hash: "aa", project: "books", compiled });
    await opened.queues.putScript({ hash: "aa", project: "books", compiled });
    await opened.queues.putScript({ hash: "cc", project: "other", compiled: "" });

    const found = [await opened.queues.getScript("aa"), await opened.queues.getScript("bb"), await opened.queues.getScript("cc")];
    const listed = await opened.queues.listScripts();
    await opened.queues.removeScripts(["aa", "bb"]);
    await opened.queues.removeScripts([]);

    assert.deepEqual(found, [compiled, undefined, ""]);
    assert.deepEqual(
      listed.map(({ hash, project }) => `${hash} ${project}`),
      ["aa books", "cc other"],
    );
    assert.equal(listed[0]?.bytes, 25);
    assert.equal(await opened.queues.getScript("aa"), undefined);
    assert.deepEqual(
      (await opened.queues.listScripts()).map(({ hash }) => hash),
      ["cc"],
    );
  });
}
