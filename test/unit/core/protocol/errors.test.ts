import assert from "node:assert/strict";
import { test } from "node:test";
import { BadInputError, toTaskError } from "../../../../services/core/protocol/errors.ts";

test("a task's error contains no characters that Postgres refuses, whatever its source", () => {
  const thrown = [new BadInputError("a\0", [{ path: "b\ud800", remedy: "c" }]), new Error("a\0b"), "a\0b"];

  assert.deepEqual(
    thrown.map((error) => toTaskError(error).message),
    ["a\ufffd: 1 problem\n  b\ufffd: c", "a\ufffdb", "a\ufffdb"],
  );
});

test("20 of 5,000 problems are listed, with the count of the others", () => {
  const problems = Array.from({ length: 5_000 }, (_, n) => ({ path: `field${n}`, remedy: "leave it out" }));

  const error = new BadInputError("The body does not fit", problems);

  assert.deepEqual([error.problems.length, error.moreProblems], [20, 4_980]);
  assert.match(error.message, /^The body does not fit: 5,000 problems\n {2}field0: leave it out\n/);
  assert.match(error.message, /\n {2}field19: leave it out\n {2}and 4,980 more$/);
});

test("problems beyond the listed ones are counted", () => {
  const error = new BadInputError("a", [{ path: "b", remedy: "c" }], 7);

  assert.deepEqual([error.moreProblems, error.message], [7, "a: 8 problems\n  b: c\n  and 7 more"]);
});

test("each part of a problem is truncated to a readable length", () => {
  const long = "x".repeat(1_000_000);

  const error = new BadInputError(long, [
    { path: long, value: long, remedy: long },
    { path: "a", value: Array(100_000).fill({}), remedy: "b" },
    { path: "c", value: { d: [1] }, remedy: "e" },
  ]);

  assert.ok(error.message.length < 3_000, String(error.message.length));
  assert.ok(JSON.stringify(error.problems).length < 3_000);
  assert.deepEqual(error.problems[2], { path: "c", value: { d: [1] }, remedy: "e" });
});
