import assert from "node:assert/strict";
import { test } from "node:test";
import { inboxParts } from "../../../services/scheduler/inbox-parts.ts";

const lengths = (requests: unknown[]) => inboxParts(requests).map((part) => part.length);

test("small requests are stored a hundred per row, in order", () => {
  const requests = Array.from({ length: 250 }, (_, index) => index);

  assert.deepEqual(lengths(requests), [100, 100, 50]);
  assert.deepEqual(inboxParts(requests).flat(), requests);
});

test("large requests are stored in rows of 128 KiB, and a larger one alone", () => {
  const request = (length: number) => "x".repeat(length);

  assert.deepEqual(lengths([request(60_000), request(60_000), request(60_000), request(200_000), request(1)]), [2, 1, 1, 1]);
});

test("an empty list creates no row", () => {
  assert.deepEqual(inboxParts([]), []);
});
