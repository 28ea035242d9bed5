/** Messages between roles: each is read as it was written, and an invalid one is refused. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { FetchedPage, FetchOrder, Outcome } from "../../../../services/core/protocol/messages.ts";
import { type Put, QUEUE_NAMES } from "../../../../services/core/queue/queue.ts";
import { decodeMessage, encodeMessage } from "../../../../services/core/queue/redis-encoding.ts";
import { anyChange, anyJson, anyText, recordOf, storableText as storable, textOf } from "../../../fixtures/arbitraries.ts";
import { fetchedPage, fetchOrder, outcome } from "../../../fixtures/queue-messages.ts";

const error = fc.record({ code: storable, message: storable, retryable: fc.boolean() });
const optional = { requiredKeys: [] };

const order: fc.Arbitrary<FetchOrder> = fc
  .tuple(
    fc.record({ url: storable, fetch: recordOf(anyJson), scriptHash: anyText(), debug: fc.boolean(), retried: fc.nat() }),
    fc.record({ save: anyJson, stored: anyJson }, optional),
  )
  .map((parts) => Object.assign({ ...fetchOrder("a") }, ...parts));
const page: fc.Arbitrary<FetchedPage> = fc
  .tuple(
    order,
    fc.record({ url: anyText(), headers: recordOf(anyText()), cookies: recordOf(anyText()), content: fc.uint8Array() }),
    fc.record({ error, jsScriptResult: anyJson, screenshot: anyText(), crawlDelaySeconds: fc.nat() }, optional),
  )
  .map(([one, ...parts]) => ({ order: one, page: Object.assign({ ...fetchedPage("a").page }, ...parts) }));
const result: fc.Arbitrary<Outcome> = fc
  .tuple(
    fc.record({ url: storable, results: fc.oneof(fc.constant(null), fc.array(anyJson.map((value) => JSON.stringify(value)))) }),
    fc.record({
      stored: anyJson,
      follows: fc.array(fc.record({ taskid: storable, url: storable, process: fc.constant({ callback: "x" }), save: anyJson })),
    }),
    fc.record({
      messages: fc.array(fc.record({ project: storable, url: storable, message: anyJson })),
      process: fc.record({ ok: fc.boolean(), timeMs: fc.nat(), follows: fc.nat(), logs: storable, error }),
    }),
  )
  .map((parts) => Object.assign({ ...outcome("a") }, ...parts));

const put: fc.Arbitrary<Put> = fc.oneof(
  order.map((message) => ({ queue: "scheduler2fetcher" as const, message })),
  page.map((message) => ({ queue: "fetcher2processor" as const, message })),
  result.map((message) => ({ queue: "processor2result" as const, message })),
  result.map((message) => ({ queue: "status_queue" as const, message })),
  fc.constant({ queue: "status_queue" as const, message: { kind: "poke" as const } }),
);

/** As it lies in the queue server. */
const fieldsOf = ({ text, bytes }: { text: string; bytes?: Buffer }) => [
  ...[Buffer.from("m"), Buffer.from(text)],
  ...(bytes ? [Buffer.from("b"), bytes] : []),
];

/** JSON knows no Buffer, and of a page's bytes only these count. */
const plain = (message: Put["message"]): unknown =>
  JSON.parse(
    JSON.stringify(
      "page" in message ? { ...message, page: { ...message.page, content: Buffer.from(message.page.content).toString("hex") } } : message,
    ),
  );

test("every message is decoded unchanged", () => {
  fc.assert(
    fc.property(put, (one) => {
      const { message } = decodeMessage(one.queue, fieldsOf(encodeMessage(one)));

      assert.deepEqual(plain(message), plain(one.message));
    }),
  );
});

const isNamed = (error: unknown) => error instanceof Error && error.message !== "";

test("a modified or foreign message is decoded or refused with its name", () => {
  const foreign = fc.oneof(
    fc.tuple(put, anyChange).map(([{ message }, change]) => JSON.stringify(change(message)) ?? ""),
    anyJson.map((value) => JSON.stringify(value)),
    textOf(["{", "}", "[", "]", '"kind"', '"poke"', ":", ",", "null", '"'], 10),
  );
  fc.assert(
    fc.property(fc.constantFrom(...QUEUE_NAMES), foreign, fc.option(fc.uint8Array()), (queue, text, bytes) => {
      try {
        decodeMessage(queue, fieldsOf({ text, ...(bytes ? { bytes: Buffer.from(bytes) } : {}) }));
      } catch (error) {
        assert.ok(isNamed(error), String(error));
      }
    }),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...QUEUE_NAMES),
      fc.array(fc.oneof(fc.constantFrom("m", "b", "d", "l"), anyText()), { maxLength: 5 }),
      (queue, fields) => {
        assert.throws(
          () =>
            decodeMessage(
              queue,
              fields.map((field) => Buffer.from(field)),
            ),
          isNamed,
        );
      },
    ),
  );
});
