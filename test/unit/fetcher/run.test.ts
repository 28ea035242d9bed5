import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import pino from "pino";
import { createMemoryQueues } from "../../../services/core/queue/memory.ts";
import { BodyBudget } from "../../../services/fetcher/body-budget.ts";
import type { Fetcher } from "../../../services/fetcher/fetcher.ts";
import { runFetcher } from "../../../services/fetcher/run.ts";
import { fetcherDefaults } from "../../../services/fetcher/settings.ts";
import { fetchedPage, fetchOrder } from "../../fixtures/queue-messages.ts";
import { until } from "../../fixtures/until.ts";

const log = pino({ level: "silent" });

let stop = new AbortController();

// So that a failed test leaves no fetcher that runs.
afterEach(() => stop.abort());

/** A fetcher whose pages have 10 bytes of the budget each. */
function startFetcher() {
  const queues = createMemoryQueues();
  const budget = new BodyBudget(1_000);
  stop = new AbortController();
  const fetcher: Fetcher = {
    openBudgetLease: () => budget.open(),
    async fetch({ url }, budgetLease) {
      await budgetLease.take(10);
      return { ...fetchedPage("a").page, url };
    },
    async [Symbol.asyncDispose]() {},
  };
  const running = runFetcher({ queues, settings: fetcherDefaults, signal: stop.signal, log, fetcher });
  return { queues, budget, running };
}

test("a page's bytes are released when the queue has the page, not before", async () => {
  const { queues, budget, running } = startFetcher();
  const complete = queues.complete.bind(queues);
  const accepted = Promise.withResolvers<void>();
  let isSent = false;
  queues.complete = async (completions) => {
    isSent = true;
    await accepted.promise;
    await complete(completions);
  };

  await queues.put([{ queue: "scheduler2fetcher", message: fetchOrder("a") }]);
  await until("the page is sent", () => isSent);
  const usedWhileSent = budget.usedBytes;
  accepted.resolve();
  stop.abort();
  await running;

  assert.deepEqual([usedWhileSent, budget.usedBytes, (await queues.depth()).fetcher2processor.ready], [10, 0, 1]);
});
