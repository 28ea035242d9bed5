import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import type { SeenRequest } from "../../../services/renderer/quiet.ts";
import { waitForQuiet } from "../../../services/renderer/wait-for.ts";

test("a request that becomes visible only after the end of the timer that sent it is awaited", async () => {
  const requests: SeenRequest[] = [];
  let hasTimer = true;
  const page = { frames: () => [{ evaluate: async () => hasTimer }] };
  const network = { hasStream: false, state: { since: performance.now() - 500, requests } };
  const waiting = { page, network, timerKey: "timers", limitMs: 10_000, signal: new AbortController().signal } as never;
  const quiet = waitForQuiet(waiting);
  await delay(30);
  hasTimer = false;
  await delay(40);
  const request = { url: "http://site/next", method: "GET", startedAt: performance.now(), endedAt: undefined, repeats: 0 };
  requests.push(request);
  const end = delay(100).then(() => Object.assign(request, { endedAt: performance.now() }));

  await quiet;

  assert.notEqual(request.endedAt, undefined);
  await end;
});
