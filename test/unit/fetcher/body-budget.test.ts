import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { BodyBudget } from "../../../services/fetcher/body-budget.ts";

test("small requests within the budget are granted at once, and are available again after their release", () => {
  const budget = new BodyBudget(10, { freeBytes: 0 });
  const budgetLease = budget.open();

  assert.equal(budgetLease.take(4), undefined);
  assert.equal(budgetLease.take(6), undefined);
  assert.equal(budget.usedBytes, 10);
  budgetLease.release();
  assert.equal(budget.usedBytes, 0);
});

test("when bodies use the whole budget together, one continues, and the next follows after its release", async () => {
  const budget = new BodyBudget(10, { freeBytes: 0 });
  const [first, second, third] = [budget.open(), budget.open(), budget.open()];
  for (const budgetLease of [first, second]) budgetLease.take(5);
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

test("at most one body exceeds the budget, because there is only one leader", async () => {
  const budget = new BodyBudget(10, { freeBytes: 0 });
  const [leader, other] = [budget.open(), budget.open()];

  leader.take(8);
  leader.take(8);
  assert.notEqual(other.take(8), undefined);
  assert.equal(budget.usedBytes, 16);
});

test("a waiting body that is released leaves no charge", async () => {
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

test("released bytes go to the next waiting body, and the rest stays charged", async () => {
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

test("small bodies never wait, and are charged like others", () => {
  const budget = new BodyBudget(10, { freeBytes: 3 });
  const [large, other, small] = [budget.open(), budget.open(), budget.open()];
  large.take(30);
  other.take(4);

  assert.deepEqual([small.take(2), small.take(1)], [undefined, undefined]);
  assert.notEqual(small.take(1), undefined);
  assert.equal(budget.usedBytes, 33);
});

test("a released body's waiting request is never granted", async () => {
  const budget = new BodyBudget(1_000, { freeBytes: 100, onGarbage: () => {} });
  const [large, gone, small, leader] = [budget.open(), budget.open(), budget.open(), budget.open()];
  for (const [budgetLease, bytes] of [
    [large, 500],
    [gone, 300],
    [small, 90],
    [leader, 150],
  ] as const)
    budgetLease.take(bytes);
  void gone.take(50);

  gone.release();
  for (const budgetLease of [small, leader, large]) budgetLease.release();
  await turn();

  assert.equal(budget.usedBytes, 0);
});
