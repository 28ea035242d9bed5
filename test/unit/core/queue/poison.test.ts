import assert from "node:assert/strict";
import test from "node:test";
import { poisonOutcome } from "../../../../services/core/queue/poison.ts";
import type { Lease } from "../../../../services/core/queue/queue.ts";
import { fetchedPage, fetchOrder } from "../../../fixtures/queue-messages.ts";

test("an order that crashes fetchers becomes a failed fetch", () => {
  const lease: Lease<"scheduler2fetcher"> = { queue: "scheduler2fetcher", id: "5-0", message: fetchOrder("a"), deliveries: 4 };

  const outcome = poisonOutcome(lease, "its workers died");

  assert.equal(outcome.fetch.ok, false);
  assert.equal(outcome.process.ok, false);
  assert.equal(outcome.fetch.error?.retryable, false);
  assert.match(outcome.fetch.error?.message ?? "", /^Given up after 4 deliveries from scheduler2fetcher: its workers died\. /);
});

test("a page that crashes processors becomes a successful fetch with a failed callback", () => {
  const lease: Lease<"fetcher2processor"> = { queue: "fetcher2processor", id: "5-0", message: fetchedPage("a"), deliveries: 4 };

  const outcome = poisonOutcome(lease, "its workers died");

  assert.deepEqual(outcome.fetch, { ok: true, statusCode: 200, timeMs: 12, bytes: 6 });
  assert.equal(outcome.process.ok, false);
  assert.equal(outcome.process.error?.code, "E_POISON_TASK");
});

for (const { title, statusCode, allowRedirects, ok } of [
  { title: "a page that has not changed", statusCode: 304, ok: true },
  { title: "a redirect that the task does not follow", statusCode: 302, allowRedirects: false, ok: true },
  { title: "a redirect without a page behind it", statusCode: 302, ok: false },
  { title: "an error page", statusCode: 404, ok: false },
]) {
  test(`${title} is ${ok ? "" : "not "}ok when it crashes processors, as in any other outcome`, () => {
    const message = fetchedPage("a");
    message.page.statusCode = statusCode;
    if (allowRedirects !== undefined) message.order.fetch.allowRedirects = allowRedirects;

    const { fetch } = poisonOutcome({ queue: "fetcher2processor", id: "5-0", message, deliveries: 4 }, "its workers died");

    assert.deepEqual([fetch.ok, fetch.statusCode], [ok, statusCode]);
  });
}

test("a page without a fetch stays a failed fetch", () => {
  const message = fetchedPage("a");
  message.page.error = { code: "E_FETCH_TIMEOUT", message: "too slow", retryable: true };

  const outcome = poisonOutcome({ queue: "fetcher2processor", id: "5-0", message, deliveries: 4 }, "its workers died");

  assert.equal(outcome.fetch.ok, false);
  assert.equal(outcome.fetch.error?.code, "E_FETCH_TIMEOUT");
});
