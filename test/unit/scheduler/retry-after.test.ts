import assert from "node:assert/strict";
import { test } from "node:test";
import { decideDeferral, MAX_DEFERRALS } from "../../../services/scheduler/retry-after.ts";

const NOW = 1_000_000;
const failure = (code: string) => ({ error: { code, message: "", retryable: true } });

test("a page with Retry-After runs again at that time, and does not count as failed", () => {
  const end = decideDeferral(
    { fetch: { retryAfterSeconds: 90 }, process: failure("E_PAGE_STATUS") },
    { retried: 2, deferrals: 0, backoffSeconds: 0 },
    NOW,
  );

  assert.deepEqual(end, { event: "retry", status: 1, queue: 2, exetime: NOW + 90, retried: 2 });
});

test("a page of a host that refuses the crawl runs again after the host's back-off, and does not count as failed", () => {
  const end = decideDeferral({ fetch: {}, process: failure("E_PAGE_STATUS") }, { retried: 1, deferrals: 9, backoffSeconds: 8 }, NOW);

  assert.deepEqual(end, { event: "retry", status: 1, queue: 2, exetime: NOW + 8, retried: 1 });
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

    assert.equal(decideDeferral({ fetch, process }, { retried: 0, deferrals, backoffSeconds: 0 }, NOW), undefined);
  });
}
