import assert from "node:assert/strict";
import test from "node:test";
import { settleIndex } from "../../../../services/core/queue/redis-keys.ts";
import { batchSteps, type Step } from "../../../../services/core/queue/redis-steps.ts";

const step = (id: string, bytes: number): Step => ({
  queue: "scheduler2fetcher",
  id,
  puts: [{ target: "fetcher2processor", deliveries: 0, text: "{}", bytes: Buffer.alloc(bytes) }],
});

test("a step is encoded as its stream, its message, and each put with stream, deliveries, text and bytes", () => {
  const puts: Step["puts"] = [
    { target: "fetcher2processor", deliveries: 0, text: "page", bytes: Buffer.from("b") },
    { target: "unreadable", deliveries: 2, text: "text" },
  ];

  const batches = batchSteps([
    { queue: "scheduler2fetcher", id: "5-0", puts },
    { id: "", puts: [] },
  ]);

  assert.deepEqual(batches, [[1, "5-0", 2, 2, 0, "page", Buffer.from("b"), settleIndex("unreadable"), 2, "text", "", 0, "", 0]]);
});

test("no batch has more than 100 steps", () => {
  const batches = batchSteps(Array.from({ length: 250 }, (_, index) => step(String(index), 1)));

  assert.deepEqual(
    batches.map((batch) => batch.length / 7),
    [100, 100, 50],
  );
});

test("large pages share a batch up to 4 MiB, and a larger one is sent alone", () => {
  const mebibyte = 2 ** 20 - 2;

  const batches = batchSteps([step("a", mebibyte), step("b", 3 * mebibyte), step("c", 9 * mebibyte), step("d", 1)]);

  assert.deepEqual(
    batches.map((batch) => batch.filter((argument) => typeof argument === "string" && /^[a-d]$/.test(argument))),
    [["a", "b"], ["c"], ["d"]],
  );
});

test("without steps there is no batch", () => {
  assert.deepEqual(batchSteps([]), []);
});
