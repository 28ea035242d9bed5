import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setImmediate as immediate } from "node:timers/promises";
import { runTogether } from "../../../services/cli/run-together.ts";

const untilAborted = async (signal: AbortSignal) => void (signal.aborted || (await once(signal, "abort")));

test("after the signal roles drain one after the other, in the order given", async () => {
  const controller = new AbortController();
  const drained: string[] = [];
  const role = (name: string) => async (signal: AbortSignal) => {
    await untilAborted(signal);
    drained.push(`begin ${name}`);
    await immediate();
    drained.push(`end ${name}`);
  };

  const running = runTogether({ b: role("b"), a: role("a") }, controller.signal);
  controller.abort();
  await running;

  assert.deepEqual(drained, ["begin b", "end b", "begin a", "end a"]);
});

test("one that fails stops the others, and its error is reported once they have drained", async () => {
  const drained: string[] = [];
  const roles = {
    bad: async () => Promise.reject(new Error("the database is gone")),
    good: async (signal: AbortSignal) => {
      await untilAborted(signal);
      drained.push("good");
    },
  };

  await assert.rejects(runTogether(roles, new AbortController().signal), /the database is gone/);

  assert.deepEqual(drained, ["good"]);
});

test("one that ends by itself is a failure by name", async () => {
  await assert.rejects(
    runTogether({ fetcher: async () => {}, other: untilAborted }, new AbortController().signal),
    /fetcher ended by itself/,
  );
});
