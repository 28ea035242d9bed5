import assert from "node:assert/strict";
import { test } from "node:test";
import { formatMiB, parseMiB } from "../../../../stacks/config/size.ts";

test("sizes are accepted only in MiB and GiB", () => {
  assert.deepEqual(["512MiB", "2GiB", "0MiB", "512", "512MB", "1.5GiB", " 1GiB"].map(parseMiB), [512, 2_048, ...Array(5).fill(undefined)]);
});

test("sizes are written in the same form as they are read", () => {
  assert.deepEqual([512, 2_048, 2_049].map(formatMiB), ["512MiB", "2GiB", "2049MiB"]);
});
