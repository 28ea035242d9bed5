import assert from "node:assert/strict";
import { test } from "node:test";
import { Slots } from "../../../services/renderer/slots.ts";

test("waiting pages get slots in order of arrival, and the queue has a limit", async () => {
  const slots = new Slots(1, 2);
  const order: string[] = [];

  assert.equal(await slots.take({ waitMs: 1_000 }), true);
  const waiting = ["a", "b"].map((name) => slots.take({ waitMs: 60_000 }).then(() => order.push(name)));
  assert.equal(await slots.take({ waitMs: 60_000 }), false);
  slots.free();
  slots.free();
  await Promise.all(waiting);

  assert.deepEqual(order, ["a", "b"]);
});

test("a page that waits too long leaves the queue", async () => {
  const slots = new Slots(1, 1);
  await slots.take({ waitMs: 1 });

  assert.equal(await slots.take({ waitMs: 1 }), false);

  assert.equal(slots.waitingCount, 0);
});

test("with fewer slots, waiting pages get one only when enough are free; with more, immediately", async () => {
  const slots = new Slots(2, 2);
  const order: string[] = [];
  for (let n = 0; n < 2; n++) await slots.take({ waitMs: 1 });
  const waiting = ["a", "b"].map((name) => slots.take({ waitMs: 60_000 }).then(() => order.push(name)));

  slots.resize(1);
  slots.free();
  const afterOne = [slots.takenCount, slots.waitingCount];
  slots.free();
  const afterTwo = [slots.takenCount, slots.waitingCount];
  slots.resize(2);
  await Promise.all(waiting);

  assert.deepEqual(
    [afterOne, afterTwo],
    [
      [1, 2],
      [1, 1],
    ],
  );
  assert.deepEqual([slots.takenCount, order], [2, ["a", "b"]]);
});

test("a page that is rendered again enters at the head of a full queue", async () => {
  const slots = new Slots(1, 1);
  const order: string[] = [];
  await slots.take({ waitMs: 1 });
  const waiting = [
    slots.take({ waitMs: 60_000 }).then(() => order.push("new")),
    slots.take({ waitMs: 60_000, isFirst: true }).then(() => order.push("again")),
  ];

  slots.free();
  slots.free();
  await Promise.all(waiting);

  assert.deepEqual(order, ["again", "new"]);
});
