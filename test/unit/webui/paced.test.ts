import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { paced } from "../../../services/webui/paced.ts";

test("whoever asks while it runs, and soon after, gets the same answer", async () => {
  let calls = 0;
  const ask = paced(async () => {
    await delay(50);
    return ++calls;
  });

  const together = await Promise.all([ask(), ask()]);
  const soonAfter = await ask();
  await delay(600);
  const later = await ask();

  assert.deepEqual([together, soonAfter, later], [[1, 1], 1, 2]);
});

test("a failure is not kept", async () => {
  let calls = 0;
  const ask = paced(async () => {
    if (++calls === 1) throw new Error("once");
    return calls;
  });

  await assert.rejects(ask(), /once/);

  assert.equal(await ask(), 2);
});
