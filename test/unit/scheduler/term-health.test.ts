import assert from "node:assert/strict";
import { test } from "node:test";
import { TermHealth } from "../../../services/scheduler/term-health.ts";

test("three failed terms in a row are a problem with a one-line reason, until a term has held for 5 s", () => {
  const health = new TermHealth(0);
  const seen: (string | undefined)[] = [];
  for (const [index, reason] of ["first", "second", "bad\n  row"].entries()) {
    health.worked(index * 1_000);
    health.failed(reason, index * 1_000 + 500);
    seen.push(health.problem(index * 1_000 + 500));
  }
  health.worked(7_000);
  seen.push(health.problem(7_000));
  health.worked(7_500);
  seen.push(health.problem(7_500));

  const failing = "scheduling failed 3 times in a row: bad row";
  assert.deepEqual(seen, [undefined, undefined, failing, failing, undefined]);
});

test("a scheduler without progress for 30 s has a problem, even without failures", () => {
  const health = new TermHealth(1_000);
  const seen = [health.problem(30_999), health.problem(31_000)];
  health.failed("no answer", 40_000);
  seen.push(health.problem(40_000));
  health.worked(41_000);
  seen.push(health.problem(41_000));

  assert.deepEqual(seen, [undefined, "no round was done for 30 s", "no round was done for 39 s: no answer", undefined]);
});

test("a long reason is truncated", () => {
  const health = new TermHealth(0);
  for (let failure = 0; failure < 3; failure++) health.failed("x".repeat(100_000), 0);

  assert.ok((health.problem(0)?.length ?? 0) < 300);
});
