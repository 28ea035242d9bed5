import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { imageVariables } from "../../fixtures/role-image.ts";

test("the debugger signal opens no debugger in a role's container", { timeout: 30_000 }, async () => {
  const code = "console.log('up'); setTimeout(() => {}, 500)";
  const { NODE_COMPILE_CACHE: _, ...env } = imageVariables();
  const child = spawn(process.execPath, ["-e", code], { env, stdio: "pipe" });
  let said = "";
  child.stderr.on("data", (chunk) => {
    said += chunk;
  });
  await once(child.stdout, "data");
  child.kill("SIGUSR1");
  await once(child, "close");

  assert.equal(said, "");
});
