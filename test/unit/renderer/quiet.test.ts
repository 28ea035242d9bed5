import assert from "node:assert/strict";
import { test } from "node:test";
import { awaitedRequests, idleMs, longPolls, quietMs, type SeenRequest } from "../../../services/renderer/quiet.ts";

const LIMIT_MS = 120_000;
const request = (more: Partial<SeenRequest> = {}): SeenRequest => ({
  ...{ url: "http://site.test/items", method: "GET", startedAt: 0, endedAt: undefined, repeats: 0 },
  ...more,
});

test("quiet begins with the end of the last request", () => {
  assert.equal(quietMs({ since: 100, requests: [] }, 400, LIMIT_MS), 300);
  assert.equal(quietMs({ since: 100, requests: [request({ endedAt: 350 })] }, 400, LIMIT_MS), 50);
  assert.equal(quietMs({ since: 100, requests: [request()] }, 400, LIMIT_MS), 0);
});

test("a request that repeats earlier ones does not disturb the quiet, whether it is open or not", () => {
  const polling = [request({ repeats: 3 }), request({ repeats: 4, endedAt: 390 })];

  assert.equal(quietMs({ since: 100, requests: polling }, 400, LIMIT_MS), 300);
  assert.equal(idleMs({ since: 100, requests: polling }, 400), 0);
});

test("an open request is awaited for 20 s, or half of the page's time limit", () => {
  const state = { since: 0, requests: [request()] };

  assert.deepEqual([awaitedRequests(state, 19_999, LIMIT_MS).length, longPolls(state, 19_999, LIMIT_MS).length], [1, 0]);
  assert.deepEqual([awaitedRequests(state, 20_000, LIMIT_MS).length, longPolls(state, 20_000, LIMIT_MS).length], [0, 1]);
  assert.equal(longPolls(state, 3_000, 6_000).length, 1);
});
