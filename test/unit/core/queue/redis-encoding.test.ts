import assert from "node:assert/strict";
import test, { mock } from "node:test";
import { MIB } from "../../../../services/core/protocol/byte-units.ts";
import { taskidOfUrl } from "../../../../services/core/protocol/taskid.ts";
import type { Put, QueueName } from "../../../../services/core/queue/queue.ts";
import { decodeMessage, encodeMessage } from "../../../../services/core/queue/redis-encoding.ts";
import { JSON_SHAPES } from "../../../fixtures/json-shapes.ts";
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
  test(`a message of ${put.queue} is decoded unchanged: ${"kind" in put.message ? put.message.kind : "order"}`, () => {
    assert.deepEqual(decodeMessage(put.queue, fieldsOf(put)), { message: put.message, deliveredBefore: 0 });
  });
}

test("a page's bytes are encoded outside the JSON", () => {
  const content = Uint8Array.of(0, 255, 128, 10);
  const put: Put = { queue: "fetcher2processor", message: fetchedPage("a", content) };

  const { text, bytes } = encodeMessage(put);
  const decoded = decodeMessage("fetcher2processor", fieldsOf(put));

  assert.equal(JSON.parse(text).page.content, undefined);
  assert.deepEqual(bytes, Buffer.from(content));
  assert.deepEqual(Uint8Array.from(decoded.message.page.content), content);
});

test("an outcome with 50,000 follows is a message of less than 2 MiB, and is decoded unchanged", () => {
  const follows = Array.from({ length: 50_000 }, (_, n) => {
    const url = `http://site.test/catalogue/${n}`;
    return { taskid: taskidOfUrl(url), url, schedule: { itag: "2026-01-01" }, process: { callback: "page" } };
  });
  const put: Put = { queue: "status_queue", message: { ...outcome("a"), follows } };

  const fields = fieldsOf(put);

  assert.ok((fields[1]?.length ?? Infinity) < 2 * MIB);
  assert.deepEqual(decodeMessage("status_queue", fields).message, put.message);
});

test("an outcome with 10,000 follows is read by earlier versions, too", () => {
  const follows = Array.from({ length: 10_000 }, (_, n) => ({
    taskid: `${n}`,
    url: `http://site.test/${n}`,
    process: { callback: "page" },
  }));

  const { text } = encodeMessage({ queue: "status_queue", message: { ...outcome("a"), follows } });

  assert.deepEqual(JSON.parse(text).follows, follows);
});

test("the deliveries before a release are decoded", () => {
  const fields = [...fieldsOf({ queue: "scheduler2fetcher", message: fetchOrder("a") }), Buffer.from("d"), Buffer.from("3")];

  assert.equal(decodeMessage("scheduler2fetcher", fields).deliveredBefore, 3);
});

const EIGHT_MIB = 8 * 2 ** 20;
const shape = (kind: keyof typeof JSON_SHAPES) => JSON_SHAPES[kind](EIGHT_MIB);
const oversized: [part: string, queue: QueueName, message: object, json: string][] = [
  ["save", "scheduler2fetcher", { ...fetchOrder("a"), save: "HERE" }, shape("empty objects")],
  ["stored", "scheduler2fetcher", { ...fetchOrder("a"), stored: "HERE" }, shape("nesting of 100,000 levels")],
  [
    "jsScript's result",
    "fetcher2processor",
    { order: fetchOrder("a"), page: { ...fetchedPage("a").page, jsScriptResult: "HERE" } },
    shape("towers of lists"),
  ],
  ["follows", "processor2result", { ...outcome("a"), follows: "HERE" }, shape("empty lists")],
  ["messages", "status_queue", { ...outcome("a"), messages: "HERE" }, shape("objects of one short name each")],
];
for (const [part, queue, message, json] of oversized) {
  test(`a message of ${queue} is not parsed if its ${part} would need too much memory`, () => {
    const text = JSON.stringify(message).replace('"HERE"', () => json);
    const parse = mock.method(JSON, "parse");

    assert.throws(() => decodeMessage(queue, [Buffer.from("m"), Buffer.from(text)]), /more than 1,250,000 values|nested deeper/);
    assert.equal(parse.mock.callCount(), 0);
    parse.mock.restore();
  });
}

test("the longest outcome that a processor can send is decoded", () => {
  const follows = Array.from({ length: 10_000 }, (_, n) => ({
    ...{ taskid: `t${n}`, url: `http://127.0.0.1/${n}`, process: { callback: "page" } },
    save: Array.from({ length: 60 }, (_, value) => value),
  }));
  const put: Put = { queue: "processor2result", message: { ...outcome("a"), results: Array(10_000).fill("[]"), follows } };

  assert.deepEqual(decodeMessage("processor2result", fieldsOf(put)).message, put.message);
});

const unreadable: [string, QueueName, string, RegExp][] = [
  ["text that is no JSON", "scheduler2fetcher", "{", /JSON/],
  ["a list", "scheduler2fetcher", "[]", /not an object/],
  ["an order without ids", "scheduler2fetcher", '{"fetch":{},"process":{}}', /^Error: project is missing or invalid in scheduler2fetcher$/],
  ["an attempt that is a text", "scheduler2fetcher", JSON.stringify({ ...fetchOrder("a"), attempt: "1" }), /attempt/],
  ["an order without callback", "scheduler2fetcher", JSON.stringify({ ...fetchOrder("a"), process: {} }), /process/],
  ["a page without order", "fetcher2processor", '{"page":{}}', /order/],
  ["a poke in the result-worker's queue", "processor2result", '{"kind":"poke"}', /project/],
  ["an order on the status queue", "status_queue", JSON.stringify(fetchOrder("a")), /kind/],
  ["a URL with U+0000", "processor2result", JSON.stringify({ ...outcome("a"), url: "\0" }), /url/],
  ["an id above the index limit", "status_queue", JSON.stringify(outcome("x".repeat(301))), /taskid/],
  ["results that are not texts", "processor2result", JSON.stringify({ ...outcome("a"), results: [1] }), /results/],
  ["an invalid time", "status_queue", JSON.stringify({ ...outcome("a"), process: { ...outcome("a").process, timeMs: "1" } }), /process/],
];
for (const [title, queue, text, reason] of unreadable) {
  test(`${title} cannot be decoded`, () => {
    assert.throws(() => decodeMessage(queue, [Buffer.from("m"), Buffer.from(text)]), reason);
  });
}
