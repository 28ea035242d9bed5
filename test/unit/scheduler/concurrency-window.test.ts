import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_WINDOW, nextWindow, SLOW_SECONDS } from "../../../services/scheduler/concurrency-window.ts";

for (const [name, window, end, expected] of [
  ["a success in time increases the window by one", 16, { ok: true, seconds: 1 }, 17],
  ["the window has a maximum", 512, { ok: true, seconds: 1 }, 512],
  ["a failure in time changes nothing", 100, { ok: false, seconds: 1 }, 100],
  ["a hanging task reduces the window by four", 100, { ok: false, seconds: SLOW_SECONDS + 1 }, 96],
  ["a late success reduces it by as much", 101, { ok: true, seconds: SLOW_SECONDS + 1 }, 97],
  ["the window has a minimum", 20, { ok: false, seconds: 100 }, FIRST_WINDOW],
] as const) {
  test(name, () => {
    assert.equal(nextWindow(window, end, 512), expected);
  });
}

test("a successful project can use all its credit after five round trips", () => {
  let window = FIRST_WINDOW;
  for (let trip = 0; trip < 5; trip++)
    for (let ended = window; ended > 0; ended--) window = nextWindow(window, { ok: true, seconds: 0.1 }, 512);

  assert.equal(window, 512);
});
