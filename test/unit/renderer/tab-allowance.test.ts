import assert from "node:assert/strict";
import { test } from "node:test";
import { TabAllowance } from "../../../services/renderer/tab-allowance.ts";

const growTimes = (allowance: TabAllowance, times: number) => Array.from({ length: times }, () => allowance.grow());

test("half as many pages run at a time after Chromium's memory ran out under them, however many of them report it", () => {
  const allowance = new TabAllowance(4);

  const counts = [4, 4, 4, 4, 2, 2, 1].map((pages) => allowance.shrink(pages));

  assert.deepEqual(counts, [2, 2, 2, 2, 1, 1, 1]);
});

test("one more page runs at a time after each 20 that went well, up to the number of tabs", () => {
  const allowance = new TabAllowance(3);
  allowance.shrink(2);

  const counts = growTimes(allowance, 80);

  assert.deepEqual([counts[18], counts[19], counts[38], counts[39], counts[79]], [1, 2, 2, 3, 3]);
});

test("pages from before the memory ran out count for nothing", () => {
  const allowance = new TabAllowance(4);
  allowance.shrink(4);
  growTimes(allowance, 19);
  allowance.shrink(2);

  const counts = growTimes(allowance, 20);

  assert.deepEqual([counts[0], counts[18], counts[19]], [1, 1, 2]);
});
