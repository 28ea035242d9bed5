import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { startSite } from "../../../demo/site.ts";
import type { FetchOrder } from "../../../services/core/protocol/messages.ts";
import { createMemoryQueues } from "../../../services/core/queue/memory.ts";
import { MAX_DELIVERIES, type Queues } from "../../../services/core/queue/queue.ts";
import { createLog } from "../../../services/core/runtime/log.ts";
import { runFetcher } from "../../../services/fetcher/run.ts";
import { fetcherDefaults } from "../../../services/fetcher/settings.ts";
import { LOOPBACK } from "../../fixtures/fetching.ts";
import { fetchOrder } from "../../fixtures/queue-messages.ts";
import { until } from "../../fixtures/until.ts";

const settings = { ...fetcherDefaults, concurrency: 10, allowAddresses: LOOPBACK };
const log = createLog("fetcher", "silent");
const order = (url: string, fetch: FetchOrder["fetch"] = {}): FetchOrder => ({ ...fetchOrder(url), url, fetch });
const putAll = (queues: Queues, orders: FetchOrder[]) => queues.put(orders.map((message) => ({ queue: "scheduler2fetcher", message })));

async function takePages(queues: Queues, count: number) {
  const { signal } = new AbortController();
  const leases = [];
  while (leases.length < count) {
    const more = await queues.lease("fetcher2processor", { max: count, waitMs: 10_000, signal });
    if (more.length === 0) throw new Error(`only ${leases.length} of ${count} pages came`);
    leases.push(...more);
  }
  return leases.map(({ message }) => message);
}

test("every order yields one page, also after a failure, and the queue is empty afterwards", async () => {
  await using site = await startSite();
  const queues = createMemoryQueues();
  const stop = new AbortController();
  const running = runFetcher({ queues, settings, signal: stop.signal, log });

  await putAll(queues, [
    ...Array.from({ length: 50 }, (_, index) => order(`${site.origin}/page/${index + 1}`)),
    order("data:,on_start"),
    order("nonsense:"),
  ]);
  const pages = await takePages(queues, 52);
  stop.abort();
  await running;

  assert.equal(new Set(pages.map(({ order: { taskid } }) => taskid)).size, 52);
  assert.equal(pages.filter(({ page }) => page.statusCode === 200).length, 50, "one of 50 pages fails once, and nonsense: always");
  assert.deepEqual((await queues.depth()).scheduler2fetcher, { ready: 0, leased: 0 });
});

test("the number of abort listeners stays constant", async () => {
  const queues = createMemoryQueues();
  const stop = new AbortController();
  const running = runFetcher({ queues, settings: { ...settings, concurrency: 1 }, signal: stop.signal, log });

  await putAll(
    queues,
    Array.from({ length: 20 }, () => order("data:,on_start")),
  );
  await takePages(queues, 20);
  const listeners = getEventListeners(stop.signal, "abort").length;
  stop.abort();
  await running;

  assert.ok(listeners <= 2, `${listeners} listeners`);
});

test("an order that crashed its fetchers is dead-lettered", async () => {
  const queues = createMemoryQueues();
  await putAll(queues, [order("data:,poison")]);
  const stop = new AbortController();
  const held = await queues.lease("scheduler2fetcher", { max: 1, waitMs: 0, signal: stop.signal });
  // Queues in memory lose their leases only with the process: this delivery count simulates that many crashed fetchers.
  await queues.release(held.map((lease) => ({ ...lease, deliveries: lease.deliveries + MAX_DELIVERIES })));

  const running = runFetcher({ queues, settings, signal: stop.signal, log });
  const [lease] = await queues.lease("processor2result", { max: 1, waitMs: 10_000, signal: new AbortController().signal });
  stop.abort();
  await running;

  assert.equal(lease?.message.dead?.queue, "scheduler2fetcher");
  assert.deepEqual((await queues.depth()).fetcher2processor, { ready: 0, leased: 0 });
});

test("during a shutdown running fetches finish and no new fetch begins", async () => {
  await using site = await startSite();
  const queues = createMemoryQueues();
  const stop = new AbortController();
  const running = runFetcher({ queues, settings: { ...settings, concurrency: 1 }, signal: stop.signal, log });
  await putAll(queues, [order(`${site.origin}/page/13`), order(`${site.origin}/page/1`)]);
  await until("the slow page is asked for", () => site.requests.get("/page/13"));

  stop.abort();
  await running;

  const depth = await queues.depth();
  assert.deepEqual(depth.fetcher2processor, { ready: 1, leased: 0 });
  assert.deepEqual(depth.scheduler2fetcher, { ready: 1, leased: 0 });
  assert.equal(site.requests.get("/page/1"), undefined);
});

test("during a shutdown orders that exceed the time limit are released", { timeout: 30_000 }, async () => {
  await using site = await startSite();
  const queues = createMemoryQueues();
  const stop = new AbortController();
  const running = runFetcher({ queues, settings, signal: stop.signal, log });
  await putAll(queues, [order(`${site.origin}/special/silent`)]);
  await until("the silent page is asked for", () => site.requests.get("/special/silent"));

  stop.abort();
  await running;

  assert.deepEqual((await queues.depth()).scheduler2fetcher, { ready: 1, leased: 0 });
  assert.deepEqual((await queues.depth()).fetcher2processor, { ready: 0, leased: 0 });
});
