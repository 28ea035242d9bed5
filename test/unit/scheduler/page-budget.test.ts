import assert from "node:assert/strict";
import { test } from "node:test";
import { PageBudget } from "../../../services/scheduler/page-budget.ts";

const page = { url: "http://site.test/" };

test("a page spends one of the budget, and a data: URL nothing", () => {
  const budget = new PageBudget(3);

  budget.spend([page, { url: "data:,on_start" }, page]);

  assert.equal(budget.left, 1);
});

test("a budget is never below zero, and one without a limit stays without", () => {
  const [small, unlimited] = [new PageBudget(1), new PageBudget(Infinity)];

  for (const budget of [small, unlimited]) budget.spend([page, page]);

  assert.deepEqual([small.left, unlimited.left], [0, Infinity]);
});
