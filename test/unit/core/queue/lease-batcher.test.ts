import assert from "node:assert/strict";
import { afterEach, beforeEach, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pino from "pino";
import { MIB } from "../../../../services/core/protocol/byte-units.ts";
import { QueueFullError } from "../../../../services/core/queue/errors.ts";
import {
  backOffMs,
  LeaseBatcher,
  type LeaseBatcherOptions,
  type LeaseLimits,
  type LeaseWork,
} from "../../../../services/core/queue/lease-batcher.ts";
import { createMemoryQueues } from "../../../../services/core/queue/memory.ts";
import type { Lease, Queues } from "../../../../services/core/queue/queue.ts";
import { fetchedPage, outcome } from "../../../fixtures/queue-messages.ts";
import { until } from "../../../fixtures/until.ts";

const log = pino({ level: "silent" });
const NOTHING = { leases: 0, bytes: 0, outputBytes: 0 };
const FULL = new QueueFullError("redis:6379", "no memory");

type PageLease = Lease<"fetcher2processor">;
type Batcher = LeaseBatcher<"fetcher2processor">;

let queues: Queues;
let stop: AbortController;

beforeEach(() => {
  queues = createMemoryQueues();
  stop = new AbortController();
});

// So that a failed test leaves no batcher that runs.
afterEach(() => stop.abort());

const putPages = (...sizes: number[]) =>
  queues.put(sizes.map((bytes, index) => ({ queue: "fetcher2processor", message: fetchedPage(String(index), new Uint8Array(bytes)) })));

const createBatcher = (options: Partial<LeaseBatcherOptions<"fetcher2processor">> = {}): Batcher =>
  new LeaseBatcher({
    queues,
    queue: "fetcher2processor",
    log,
    signal: stop.signal,
    bytesOf: ({ page }) => page.content.length,
    ...options,
  });

/** Runs the batcher; its leases are collected, and ended by the test. */
function start(batcher: Batcher, limits: LeaseWork<"fetcher2processor">["limits"] = () => ({ max: 10 })) {
  const leases: PageLease[] = [];
  const work = async (more: PageLease[]) => void leases.push(...more);
  const running = batcher.run({ limits, work });
  running.catch(() => {});
  return { leases, running, arrived: (count: number) => until(`${count} leases`, () => leases.length >= count) };
}

/** Ends a lease with an outcome. */
const finish = (batcher: Batcher, lease: PageLease | undefined, bytes = 0) =>
  batcher.add(lease as PageLease, [{ queue: "processor2result", message: outcome("x") }], bytes);

test("bytes of a message and its output count until the queue has the output", async () => {
  const batcher = createBatcher();
  const { leases, running, arrived } = start(batcher);
  await putPages(100, 30);
  await arrived(2);

  finish(batcher, leases[0], 7);
  assert.deepEqual(batcher.held, { leases: 2, bytes: 137, outputBytes: 7 });
  await until("the first has ended", () => batcher.held.leases === 1);

  assert.deepEqual(batcher.held, { leases: 1, bytes: 30, outputBytes: 0 });
  assert.equal((await queues.depth()).processor2result.ready, 1);
  finish(batcher, leases[1], 5);
  stop.abort();
  await running;
  assert.deepEqual([batcher.held, (await queues.depth()).processor2result.ready], [NOTHING, 2]);
});

test("a lease ends only after the queue server has accepted its output", async (context) => {
  const accepted = Promise.withResolvers<void>();
  const complete = context.mock.method(queues, "complete", () => accepted.promise);
  const ended: string[] = [];
  const batcher = createBatcher({ onSent: (bytes) => ended.push(`${bytes} bytes sent`) });
  const { leases, running, arrived } = start(batcher);
  await putPages(1);
  await arrived(1);

  batcher.onEnd(leases[0] as PageLease, () => ended.push("lease ended"));
  finish(batcher, leases[0], 9);
  await until("the output is sent", () => complete.mock.callCount() === 1);
  assert.deepEqual([ended, batcher.held], [[], { leases: 1, bytes: 10, outputBytes: 9 }]);
  accepted.resolve();
  await until("the lease has ended", () => batcher.held.leases === 0);

  stop.abort();
  await running;
  assert.deepEqual(ended, ["lease ended", "9 bytes sent"]);
});

const batchSizes = (complete: { mock: { calls: readonly { arguments: Parameters<Queues["complete"]> }[] } }) =>
  complete.mock.calls.map((call) => call.arguments[0].length);

test("outputs that arrive while a batch is sent form the next batch", async (context) => {
  const accepted = Promise.withResolvers<void>();
  const complete = context.mock.method(queues, "complete");
  complete.mock.mockImplementationOnce(() => accepted.promise);
  const sent: number[] = [];
  const batcher = createBatcher({ onSent: (bytes) => sent.push(bytes) });
  const { leases, running, arrived } = start(batcher);
  await putPages(1, 1, 1, 1);
  await arrived(4);

  for (const lease of leases.slice(0, 2)) finish(batcher, lease, 10);
  await until("the first batch is sent", () => complete.mock.callCount() === 1);
  for (const lease of leases.slice(2)) finish(batcher, lease, 1);
  accepted.resolve();
  stop.abort();
  await running;

  assert.deepEqual(
    [batchSizes(complete), sent],
    [
      [2, 2],
      [20, 2],
    ],
  );
});

test("outputs of more than 2 MiB together go in several batches, a larger one by itself", async (context) => {
  const complete = context.mock.method(queues, "complete");
  const batcher = createBatcher();
  const { leases, running, arrived } = start(batcher);
  await putPages(1, 1, 1, 1, 1);
  await arrived(5);

  for (const [index, mebibytes] of [1, 1, 1, 3, 1].entries()) finish(batcher, leases[index], mebibytes * MIB);
  stop.abort();
  await running;

  assert.deepEqual(batchSizes(complete), [2, 1, 1, 1]);
});

test("with a gathering time, outputs of several turns form one batch", async (context) => {
  const complete = context.mock.method(queues, "complete");
  const batcher = createBatcher({ gatherMs: 50 });
  const { leases, running, arrived } = start(batcher);
  await putPages(1, 1);
  await arrived(2);

  for (const lease of leases) {
    finish(batcher, lease);
    await delay(5);
  }
  stop.abort();
  await running;

  assert.deepEqual(batchSizes(complete), [2]);
});

test("outputs are kept and sent again when the queue server was full", async (context) => {
  const complete = context.mock.method(queues, "complete");
  complete.mock.mockImplementationOnce(() => Promise.reject(FULL));
  const batcher = createBatcher();
  const { leases, running, arrived } = start(batcher);
  await putPages(100);
  await arrived(1);

  finish(batcher, leases[0], 7);
  stop.abort();
  await running;

  assert.deepEqual([complete.mock.callCount(), (await queues.depth()).processor2result.ready, batcher.held], [2, 1, NOTHING]);
});

test("nothing is leased without room, and leasing continues when a lease has ended", async () => {
  const batcher = createBatcher();
  const { leases, running, arrived } = start(batcher, (held) => ({ max: 1 - held.leases }));
  await putPages(1, 1);
  await arrived(1);
  const { ready, leased } = (await queues.depth()).fetcher2processor;
  assert.deepEqual([ready, leased], [1, 1]);

  finish(batcher, leases[0]);
  await arrived(2);

  finish(batcher, leases[1]);
  stop.abort();
  await running;
});

test("a lease with fewer messages than it may have waits once for more small ones", async (context) => {
  const lease = context.mock.method(queues, "lease");
  const batcher = createBatcher();
  await putPages(1);
  const { leases, running, arrived } = start(batcher, (held) => ({ max: held.leases === 0 ? 3 : 0, maxBytes: 50, lingerMs: 30 }));
  await until("it has leased", () => lease.mock.callCount() === 1);
  await putPages(1, 1, 1);
  await arrived(3);

  const asked = lease.mock.calls.map((call) => [call.arguments[1].max, call.arguments[1].maxBytes]);
  for (const held of leases) finish(batcher, held);
  stop.abort();
  await running;
  assert.deepEqual(
    [asked, leases.length],
    [
      [
        [3, 50],
        [2, 0],
      ],
      3,
    ],
  );
});

test("a dead-lettered message releases its bytes, and its end is reported", async () => {
  let ended = 0;
  const batcher = createBatcher();
  const { leases, running, arrived } = start(batcher);
  await putPages(100);
  await arrived(1);

  batcher.onEnd(leases[0] as PageLease, () => ended++);
  await batcher.deadLetter(leases[0] as PageLease, "its workers died");

  assert.deepEqual([batcher.held, ended, (await queues.depth()).processor2result.ready], [NOTHING, 1, 1]);
  stop.abort();
  await running;
});

test("messages that arrive while the role stops are released at once, without work on them", async (context) => {
  await putPages(1);
  const { lease } = queues;
  context.mock.method(queues, "lease", async (...args: Parameters<Queues["lease"]>) => {
    const leases = await lease.apply(queues, args);
    stop.abort();
    return leases;
  });
  const { leases, running } = start(createBatcher());
  const startedAt = performance.now();

  await running;

  assert.deepEqual([leases, (await queues.depth()).fetcher2processor], [[], { ready: 1, leased: 0 }]);
  assert.ok(performance.now() - startedAt < 2_000);
});

test("what is held at the drain limit is released, and later outputs are dropped", async (context) => {
  const batcher = createBatcher();
  const { leases, running, arrived } = start(batcher);
  let ended = 0;
  await putPages(100, 200);
  await arrived(2);
  for (const lease of leases) batcher.onEnd(lease, () => ended++);

  context.mock.timers.enable({ apis: ["setTimeout"] });
  stop.abort();
  finish(batcher, leases[0], 7);
  while (batcher.held.leases > 1) await new Promise(setImmediate);
  context.mock.timers.tick(9_000);
  await running;
  finish(batcher, leases[1], 7);
  await batcher.deadLetter(leases[1] as PageLease, "too late");

  assert.deepEqual([batcher.held, ended], [NOTHING, 2]);
  const { fetcher2processor, processor2result } = await queues.depth();
  assert.deepEqual([fetcher2processor, processor2result.ready], [{ ready: 1, leased: 0 }, 1]);
});

test("a queue server that does not take leases back does not keep the role from stopping", async (context) => {
  context.mock.method(queues, "release", () => Promise.withResolvers<void>().promise);
  const batcher = createBatcher();
  const { leases, running, arrived } = start(batcher);
  await putPages(1);
  await arrived(1);

  stop.abort();
  await Promise.all([batcher.release(leases), running]);

  assert.deepEqual(batcher.held, NOTHING);
});

test("a role stops with the first error that a retry cannot fix", async (context) => {
  const bugs: Record<string, (context: TestContext) => LeaseWork<"fetcher2processor">["work"]> = {
    "in sending": (context) => {
      context.mock.method(queues, "complete", () => Promise.reject(new TypeError("a bug")));
      return async (leases) => finish(batcher, leases[0]);
    },
    "in its work": () => () => Promise.reject(new TypeError("a bug")),
    "in a step of its work": () => () => batcher.retry(() => Promise.reject(new TypeError("a bug"))),
    "in leasing": (context) => {
      context.mock.method(queues, "lease", () => Promise.reject(new TypeError("a bug")));
      return async () => {};
    },
  };
  let batcher: Batcher;
  const limits = (): LeaseLimits => ({ max: 10 });
  for (const [place, prepare] of Object.entries(bugs)) {
    await context.test(place, async (context) => {
      queues = createMemoryQueues();
      batcher = createBatcher();
      await putPages(1);

      await assert.rejects(batcher.run({ limits, work: prepare(context) }), /a bug/);

      const { leased } = (await queues.depth()).fetcher2processor;
      await putPages(1);
      await delay(10);
      assert.equal((await queues.depth()).fetcher2processor.leased, leased, "it leases no more");
    });
  }
});

test("a step is repeated while its failure is transient", async () => {
  const results = [FULL, FULL, undefined];

  const done = await createBatcher().retry(async () => {
    const error = results.shift();
    if (error) throw error;
    return "done";
  });

  assert.deepEqual([done, results], ["done", []]);
});

test("a role decides which of its errors are transient", async () => {
  const batcher = createBatcher({ isTransient: (error) => error === "later" });
  const results = ["later", undefined];

  await batcher.retry(async () => {
    const error = results.shift();
    if (error) throw error;
  });

  assert.deepEqual(results, []);
});

test("a step is tried once more while the role stops, and not repeated", async () => {
  let tries = 0;
  stop.abort();

  const done = await createBatcher().retry(() => {
    tries++;
    return Promise.reject(FULL);
  });

  assert.deepEqual([done, tries], [undefined, 1]);
});

test("waits double up to five seconds", () => {
  assert.deepEqual([1, 2, 3, 6, 7, 50].map(backOffMs), [100, 200, 400, 3_200, 5_000, 5_000]);
});
