import assert from "node:assert/strict";
import { test } from "node:test";
import { linearFit } from "../../bench/linear-fit.ts";

test("samples on a line have its slope, without an error", () => {
  assert.deepEqual(
    linearFit([
      [0, 1],
      [1, 3],
      [2, 5],
    ]),
    { slope: 2, error: 0 },
  );
});

test("the error of a slope is what textbooks give: 1, 2, 2 rise by 0.5 ± 0.29 a step", () => {
  const { slope, error } = linearFit([
    [0, 1],
    [1, 2],
    [2, 2],
  ]);

  assert.equal(slope, 0.5);
  assert.ok(Math.abs(error - Math.sqrt(1 / 12)) < 1e-12, String(error));
});

test("two samples show no noise", () => {
  assert.throws(
    () =>
      linearFit([
        [0, 1],
        [1, 2],
      ]),
    RangeError,
  );
});
