import assert from "node:assert/strict";
import test from "node:test";
import { poisonOutcome } from "../../../../services/core/queue/poison.ts";
import type { Lease } from "../../../../services/core/queue.ts";
import { fetchedPage, fetchOrder } from "../../../fixtures/queue-messages.ts";

test("an order that kills fetchers is a failed fetch", () => {
  const lease: Lease<"scheduler2fetcher"> = { queue: "scheduler2fetcher", id: "5-0", message: fetchOrder("a"), deliveries: 4 };

  const outcome = poisonOutcome(lease, "its workers died");

  assert.equal(outcome.fetch.ok, false);
  assert.equal(outcome.process.ok, false);
  assert.equal(outcome.fetch.error?.retryable, false);
  assert.match(outcome.fetch.error?.message ?? "", /^Given up after 4 deliveries from scheduler2fetcher: its workers died\. /);
});

test("a page that kills processors was fetched, and its callback failed", () => {
  const lease: Lease<"fetcher2processor"> = { queue: "fetcher2processor", id: "5-0", message: fetchedPage("a"), deliveries: 4 };

  const outcome = poisonOutcome(lease, "its workers died");

  assert.deepEqual(outcome.fetch, { ok: true, statusCode: 200, timeMs: 12, bytes: 6 });
  assert.equal(outcome.process.ok, false);
  assert.equal(outcome.process.error?.code, "E_POISON_TASK");
});

test("a page that was not fetched stays a failed fetch", () => {
  const message = fetchedPage("a");
  message.page.error = { code: "E_FETCH_TIMEOUT", message: "too slow", retryable: true };

  const outcome = poisonOutcome({ queue: "fetcher2processor", id: "5-0", message, deliveries: 4 }, "its workers died");

  assert.equal(outcome.fetch.ok, false);
  assert.equal(outcome.fetch.error?.code, "E_FETCH_TIMEOUT");
});
