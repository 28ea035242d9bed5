import assert from "node:assert/strict";
import test from "node:test";
import { Fifo } from "../../../../services/core/queue/fifo.ts";

test("items are taken in the order of their adds, however takes and adds alternate", () => {
  const fifo = new Fifo<number>();
  const taken: number[] = [];
  let added = 0;

  for (let round = 0; round < 200; round += 1) {
    for (let count = 0; count < 97; count += 1) fifo.push(added++);
    taken.push(...fifo.shift(round % 101));
  }
  taken.push(...fifo.shift(Number.POSITIVE_INFINITY));

  assert.deepEqual(
    taken,
    Array.from({ length: added }, (_, index) => index),
  );
  assert.equal(fifo.length, 0);
});

test("length counts the remaining items", () => {
  const fifo = new Fifo<string>();
  fifo.push("a");
  fifo.push("b");

  assert.deepEqual(fifo.shift(1), ["a"]);
  assert.equal(fifo.length, 1);
  assert.deepEqual(fifo.shift(5), ["b"]);
  assert.deepEqual(fifo.shift(5), []);
});
