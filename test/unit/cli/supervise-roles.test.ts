import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { setImmediate as immediate } from "node:timers/promises";
import { superviseRoles } from "../../../services/cli/supervise-roles.ts";

const untilAborted = async (signal: AbortSignal) => void (signal.aborted || (await once(signal, "abort")));

test("after the signal roles drain one after the other, in the given order", async () => {
  const controller = new AbortController();
  const drained: string[] = [];
  const role = (name: string) => async (signal: AbortSignal) => {
    await untilAborted(signal);
    drained.push(`begin ${name}`);
    await immediate();
    drained.push(`end ${name}`);
  };

  const running = superviseRoles({ b: role("b"), a: role("a") }, controller.signal);
  controller.abort();
  await running;

  assert.deepEqual(drained, ["begin b", "end b", "begin a", "end a"]);
});

test("a failed role stops the others, and its error is reported after they have drained", async () => {
  const drained: string[] = [];
  const roles = {
    bad: async () => Promise.reject(new Error("the database is gone")),
    good: async (signal: AbortSignal) => {
      await untilAborted(signal);
      drained.push("good");
    },
  };

  await assert.rejects(superviseRoles(roles, new AbortController().signal), /the database is gone/);

  assert.deepEqual(drained, ["good"]);
});

test("a role that ends by itself is reported as a failure with its name", async () => {
  await assert.rejects(
    superviseRoles({ fetcher: async () => {}, other: untilAborted }, new AbortController().signal),
    /fetcher ended by itself/,
  );
});
