import assert from "node:assert/strict";
import test from "node:test";
import { decodeMessage, encodeMessage } from "../../../../services/core/queue/redis-encoding.ts";
import type { Put, QueueName } from "../../../../services/core/queue.ts";
import { fetchedPage, fetchOrder, outcome } from "../../../fixtures/queue-messages.ts";

const fieldsOf = (put: Put) => {
  const { text, bytes } = encodeMessage(put);
  return [Buffer.from("m"), Buffer.from(text), ...(bytes ? [Buffer.from("b"), bytes] : [])];
};

const puts: Put[] = [
  { queue: "scheduler2fetcher", message: fetchOrder("a") },
  { queue: "processor2result", message: outcome("a") },
  { queue: "status_queue", message: outcome("a") },
  { queue: "status_queue", message: { kind: "poke" } },
];
for (const put of puts) {
  test(`a message of ${put.queue} is read as it was written: ${"kind" in put.message ? put.message.kind : "order"}`, () => {
    assert.deepEqual(decodeMessage(put.queue, fieldsOf(put)), { message: put.message, deliveredBefore: 0 });
  });
}

test("a page's bytes travel outside the JSON", () => {
  const content = Uint8Array.of(0, 255, 128, 10);
  const put: Put = { queue: "fetcher2processor", message: fetchedPage("a", content) };

  const { text, bytes } = encodeMessage(put);
  const decoded = decodeMessage("fetcher2processor", fieldsOf(put));

  assert.equal(JSON.parse(text).page.content, undefined);
  assert.deepEqual(bytes, Buffer.from(content));
  assert.deepEqual(Uint8Array.from(decoded.message.page.content), content);
});

test("the deliveries before a release are read", () => {
  const fields = [...fieldsOf({ queue: "scheduler2fetcher", message: fetchOrder("a") }), Buffer.from("d"), Buffer.from("3")];

  assert.equal(decodeMessage("scheduler2fetcher", fields).deliveredBefore, 3);
});

const unreadable: [string, QueueName, string, RegExp][] = [
  ["text that is no JSON", "scheduler2fetcher", "{", /JSON/],
  ["a list", "scheduler2fetcher", "[]", /not an object/],
  [
    "an order without ids",
    "scheduler2fetcher",
    '{"fetch":{},"process":{}}',
    /^Error: project is missing, or not what it is in scheduler2fetcher$/,
  ],
  ["an attempt that is a text", "scheduler2fetcher", JSON.stringify({ ...fetchOrder("a"), attempt: "1" }), /attempt/],
  ["an order without callback", "scheduler2fetcher", JSON.stringify({ ...fetchOrder("a"), process: {} }), /process/],
  ["a page without order", "fetcher2processor", '{"page":{}}', /order/],
  ["a poke on the way to the result-worker", "processor2result", '{"kind":"poke"}', /project/],
  ["an order on the status queue", "status_queue", JSON.stringify(fetchOrder("a")), /kind/],
  ["a URL with U+0000", "processor2result", JSON.stringify({ ...outcome("a"), url: "\0" }), /url/],
  ["an id that no index takes", "status_queue", JSON.stringify(outcome("x".repeat(301))), /taskid/],
  ["results that are no texts", "processor2result", JSON.stringify({ ...outcome("a"), results: [1] }), /results/],
  [
    "a time that is none",
    "status_queue",
    JSON.stringify({ ...outcome("a"), process: { ...outcome("a").process, timeMs: "1" } }),
    /process/,
  ],
];
for (const [title, queue, text, reason] of unreadable) {
  test(`${title} cannot be read`, () => {
    assert.throws(() => decodeMessage(queue, [Buffer.from("m"), Buffer.from(text)]), reason);
  });
}
