import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { BodyBudget } from "../../../services/fetcher/body-budget.ts";

test("what fits is granted at once, and comes back when it is released", () => {
  const budget = new BodyBudget(10, { freeBytes: 0 });
  const allowance = budget.open();

  assert.equal(allowance.take(4), undefined);
  assert.equal(allowance.take(6), undefined);
  assert.equal(budget.usedBytes, 10);
  allowance.release();
  assert.equal(budget.usedBytes, 0);
});

test("when bodies hold all of it together, one goes on and the next follows when that is released", async () => {
  const budget = new BodyBudget(10, { freeBytes: 0 });
  const [first, second, third] = [budget.open(), budget.open(), budget.open()];
  for (const allowance of [first, second]) allowance.take(5);
  const order: string[] = [];

  assert.equal(first.take(5), undefined, "the first to find it spent leads");
  second.take(5)?.then(() => order.push("second"));
  third.take(5)?.then(() => order.push("third"));
  await turn();
  assert.deepEqual(order, []);
  first.release();
  await turn();
  assert.deepEqual(order, ["second", "third"]);
  assert.equal(budget.usedBytes, 15);
});

test("there is one leader at a time, so the budget is passed by one body at most", async () => {
  const budget = new BodyBudget(10, { freeBytes: 0 });
  const [leader, other] = [budget.open(), budget.open()];

  leader.take(8);
  leader.take(8);
  assert.notEqual(other.take(8), undefined);
  assert.equal(budget.usedBytes, 16);
});

test("one that is released while it waits leaves no trace", async () => {
  const budget = new BodyBudget(10, { freeBytes: 0 });
  const [leader, gone, next] = [budget.open(), budget.open(), budget.open()];
  leader.take(11);
  void gone.take(5);
  let isGranted = false;
  void next.take(5)?.then(() => {
    isGranted = true;
  });

  gone.release();
  leader.release();
  await turn();

  assert.ok(isGranted);
  assert.equal(budget.usedBytes, 5);
});

test("what is given back goes to the next in line, and the rest stays charged", async () => {
  const budget = new BodyBudget(10, { freeBytes: 0 });
  const [leader, next] = [budget.open(), budget.open()];
  leader.take(11);
  let isGranted = false;
  void next.take(5)?.then(() => {
    isGranted = true;
  });

  leader.giveBack(7);
  await turn();

  assert.ok(isGranted);
  assert.equal(budget.usedBytes, 9);
});

test("small bodies never wait, and count all the same", () => {
  const budget = new BodyBudget(10, { freeBytes: 3 });
  const [large, other, small] = [budget.open(), budget.open(), budget.open()];
  large.take(30);
  other.take(4);

  assert.deepEqual([small.take(2), small.take(1)], [undefined, undefined]);
  assert.notEqual(small.take(1), undefined);
  assert.equal(budget.usedBytes, 33);
});

test("what one that is released still waits for is never granted", async () => {
  const budget = new BodyBudget(1_000, { freeBytes: 100, onGarbage: () => {} });
  const [large, gone, small, leader] = [budget.open(), budget.open(), budget.open(), budget.open()];
  for (const [allowance, bytes] of [
    [large, 500],
    [gone, 300],
    [small, 90],
    [leader, 150],
  ] as const)
    allowance.take(bytes);
  void gone.take(50);

  gone.release();
  for (const allowance of [small, leader, large]) allowance.release();
  await turn();

  assert.equal(budget.usedBytes, 0);
});
