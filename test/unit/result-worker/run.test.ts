import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import pino from "pino";
import type { Outcome } from "../../../services/core/protocol/messages.ts";
import { createMemoryQueues } from "../../../services/core/queue/memory.ts";
import { MAX_DELIVERIES } from "../../../services/core/queue/queue.ts";
import type { Database } from "../../../services/core/store/sql.ts";
import { runResultWorker } from "../../../services/result-worker/run.ts";
import { outcome } from "../../fixtures/queue-messages.ts";
import { until } from "../../fixtures/until.ts";

const log = pino({ level: "silent" });
const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

let stop = new AbortController();

// So that a failed test leaves no worker that runs.
afterEach(() => stop.abort());

/** A result-worker on a database that stores by `store`, which gets the attempts of a transaction. */
function startWorker(store: (attempts: number[]) => Promise<void>, queues = createMemoryQueues()) {
  stop = new AbortController();
  const database = {
    async query(_text: string, params: string[] = []) {
      if (!params[0]?.includes('"attempt"')) return [];
      const runs = JSON.parse(params[0]) as { attempt: number }[];
      await store(runs.map(({ attempt }) => attempt));
      return runs;
    },
    transaction: async (work: (sql: unknown) => unknown) => work(database),
  } as unknown as Database;
  const settings = { batch: 2, lingerMs: 1 };
  const running = runResultWorker({ queues, database, settings, signal: stop.signal, log });
  running.catch(() => {});
  const put = (...attempts: number[]) =>
    queues.put(attempts.map((attempt) => ({ queue: "processor2result", message: { ...outcome(`t${attempt}`), attempt } })));
  return { queues, running, put };
}

test("outcomes are stored one batch after the other, and then passed on without their results", async () => {
  const stored: number[][] = [];
  const opened = Promise.withResolvers<void>();
  const { queues, running, put } = startWorker(async (attempts) => {
    stored.push(attempts);
    await opened.promise;
  });

  await put(1, 2);
  await until("the first batch is being stored", () => stored.length === 1);
  await put(3);
  await delay(20);
  const { ready, leased } = (await queues.depth()).processor2result;
  assert.deepEqual([ready, leased], [1, 2]);
  opened.resolve();
  const passedOn: Outcome[] = [];
  await until("all were passed on", async () => {
    const leases = await queues.lease("status_queue", { max: 9, waitMs: 100, signal: new AbortController().signal });
    passedOn.push(...leases.map(({ message }) => message as Outcome));
    return passedOn.length === 3;
  });
  stop.abort();
  await running;

  assert.deepEqual(stored, [[1, 2], [3]]);
  assert.deepEqual(
    passedOn.map(({ attempt, results }) => [attempt, results]),
    [
      [1, null],
      [2, null],
      [3, null],
    ],
  );
  assert.deepEqual((await queues.depth()).processor2result, { ready: 0, leased: 0 });
});

test("an outcome on which every worker crashed leaves its queue as a dead one", async () => {
  const queues = createMemoryQueues();
  const { signal } = new AbortController();
  await queues.put([{ queue: "processor2result", message: outcome("poison") }]);
  const held = await queues.lease("processor2result", { max: 1, waitMs: 0, signal });
  // Queues in memory lose their leases only with the process: this delivery count simulates that many crashed workers.
  await queues.release(held.map((lease) => ({ ...lease, deliveries: lease.deliveries + MAX_DELIVERIES })));

  const { running } = startWorker(async () => {}, queues);
  const forwarded = await until("it was passed on", async () => (await queues.lease("status_queue", { max: 1, waitMs: 100, signal }))[0]);
  stop.abort();
  await running;

  assert.equal((forwarded.message as Outcome).dead?.queue, "processor2result");
  assert.deepEqual((await queues.depth()).processor2result, { ready: 0, leased: 0 });
});

test("while the database is unavailable the batch waits, and a worker that stops releases it at once", async () => {
  let tries = 0;
  const { queues, running, put } = startWorker(async () => {
    tries++;
    throw refused;
  });

  await put(1, 2);
  await until("it tried again", () => tries > 1);
  assert.equal((await queues.depth()).processor2result.leased, 2);
  const startedAt = performance.now();
  stop.abort();
  await running;

  assert.deepEqual((await queues.depth()).processor2result, { ready: 2, leased: 0 });
  assert.ok(performance.now() - startedAt < 2_000);
});

test("a bug ends the worker, and the batch is not passed on", async () => {
  const { queues, running, put } = startWorker(() => Promise.reject(new TypeError("a bug")));

  await put(1);

  await assert.rejects(running, /a bug/);
  assert.equal((await queues.depth()).status_queue.ready, 0);
});
