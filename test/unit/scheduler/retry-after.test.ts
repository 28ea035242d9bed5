import assert from "node:assert/strict";
import { test } from "node:test";
import { decideRetryAfter, MAX_DEFERRALS } from "../../../services/scheduler/retry-after.ts";

const NOW = 1_000_000;
const failure = (code: string) => ({ error: { code, message: "", retryable: true } });

test("a page with Retry-After runs again at that time, and does not count as failed", () => {
  const end = decideRetryAfter({ fetch: { retryAfterSeconds: 90 }, process: failure("E_PAGE_STATUS") }, { retried: 2, deferrals: 0 }, NOW);

  assert.deepEqual(end, { event: "retry", status: 1, queue: 2, exetime: NOW + 90, retried: 2 });
});

const ORDINARY: [name: string, retryAfterSeconds: number | undefined, process: object, deferrals: number][] = [
  ["a server without a Retry-After", undefined, failure("E_PAGE_STATUS"), 0],
  ["a callback that accepted the page", 90, {}, 0],
  ["a callback that threw", 90, failure("E_SCRIPT"), 0],
  [`a page put off ${MAX_DEFERRALS} times`, 90, failure("E_PAGE_STATUS"), MAX_DEFERRALS],
];

for (const [name, retryAfterSeconds, process, deferrals] of ORDINARY) {
  test(`${name}: the normal rules apply`, () => {
    const fetch = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };

    assert.equal(decideRetryAfter({ fetch, process }, { retried: 0, deferrals }, NOW), undefined);
  });
}
