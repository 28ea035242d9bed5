import assert from "node:assert/strict";
import { test } from "node:test";
import { BadInputError, toTaskError } from "../../../services/core/errors.ts";

test("what Postgres cannot store stays out of the error of a task, whoever threw it", () => {
  const thrown = [new BadInputError("a\0", [{ path: "b\ud800", remedy: "c" }]), new Error("a\0b"), "a\0b"];

  assert.deepEqual(
    thrown.map((error) => toTaskError(error).message),
    ["a: 1 problem\n  b\ufffd: c", "ab", "ab"],
  );
});
