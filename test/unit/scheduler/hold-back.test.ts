import assert from "node:assert/strict";
import { test } from "node:test";
import { decideHoldBack, MAX_HELD_BACK } from "../../../services/scheduler/hold-back.ts";

const NOW = 1_000_000;
const failure = (code: string) => ({ error: { code, message: "", retryable: true } });

test("a page whose server asks to come back later runs again then, and has not failed", () => {
  const end = decideHoldBack({ fetch: { retryAfterSeconds: 90 }, process: failure("E_PAGE_STATUS") }, { retried: 2, heldBack: 0 }, NOW);

  assert.deepEqual(end, { event: "retry", status: 1, queue: 2, exetime: NOW + 90, retried: 2 });
});

const ORDINARY: [name: string, retryAfterSeconds: number | undefined, process: object, heldBack: number][] = [
  ["a server that says nothing", undefined, failure("E_PAGE_STATUS"), 0],
  ["a callback that took the page", 90, {}, 0],
  ["a callback that threw", 90, failure("E_SCRIPT"), 0],
  [`a page put off ${MAX_HELD_BACK} times`, 90, failure("E_PAGE_STATUS"), MAX_HELD_BACK],
];

for (const [name, retryAfterSeconds, process, heldBack] of ORDINARY) {
  test(`${name}: the ordinary rules apply`, () => {
    const fetch = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };

    assert.equal(decideHoldBack({ fetch, process }, { retried: 0, heldBack }, NOW), undefined);
  });
}
