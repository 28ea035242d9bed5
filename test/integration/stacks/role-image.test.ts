import assert from "node:assert/strict";
import { test } from "node:test";
import { saidAfterDebuggerSignal } from "../../fixtures/debugger-signal.ts";
import { imageVariables } from "../../fixtures/role-image.ts";

test("the debugger signal opens no debugger in a role's container", { timeout: 30_000 }, async () => {
  const { NODE_COMPILE_CACHE: _, ...env } = imageVariables();

  assert.equal(await saidAfterDebuggerSignal((args) => args, env), "");
});
