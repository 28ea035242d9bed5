import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { paced } from "../../../services/webui/paced.ts";
import { until } from "../../fixtures/until.ts";

test("calls during a run, and shortly after it, get the same answer", async () => {
  let calls = 0;
  const ask = paced(async () => {
    await delay(50);
    return ++calls;
  });

  const together = await Promise.all([ask(), ask()]);
  const soonAfter = await ask();
  const later = await until("an answer of another run", async () => {
    const answer = await ask();
    return answer !== soonAfter && answer;
  });

  assert.deepEqual([together, soonAfter, later], [[1, 1], 1, 2]);
});

test("a failure is not cached", async () => {
  let calls = 0;
  const ask = paced(async () => {
    if (++calls === 1) throw new Error("once");
    return calls;
  });

  await assert.rejects(ask(), /once/);

  assert.equal(await ask(), 2);
});
