import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "../../../services/renderer/slots.ts";

test("waiting pages get slots in order of arrival, and the queue has a limit", async () => {
  const slots = new Slots(1, 2);
  const order: string[] = [];

  assert.equal(await slots.take(1_000), true);
  const waiting = ["a", "b"].map((name) => slots.take(60_000).then(() => order.push(name)));
  assert.equal(await slots.take(60_000), false);
  slots.free();
  slots.free();
  await Promise.all(waiting);

  assert.deepEqual(order, ["a", "b"]);
});

test("a page that waits too long leaves the queue", async () => {
  const slots = new Slots(1, 1);
  await slots.take(1);

  assert.equal(await slots.take(1), false);

  assert.equal(slots.waitingCount, 0);
});
