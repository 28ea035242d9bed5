import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { renderHostScript } from "../../../../stacks/render/host-script.ts";
import { temporaryDirectory } from "../../../fixtures/temporary-directory.ts";

/** Runs scripts of these resources at the same time, each with a begin and an end. */
async function superviseRoles(resources: string[]): Promise<string[]> {
  using directory = temporaryDirectory();
  const log = `${directory.path}/log`;
  const runs = resources.map(async (resource) => {
    const text = renderHostScript({ timeoutSeconds: 60, after: `echo begin >>${log}; sleep 0.3; echo end >>${log}` }, { resource, run: 1 });
    const child = spawn("bash", ["-s"], { stdio: ["pipe", "ignore", "inherit"] });
    child.stdin.end(text.replaceAll("/etc/orbweaver", directory.path).replaceAll("/run/lock", directory.path));
    assert.deepEqual(await once(child, "exit"), [0, null]);
  });
  await Promise.all(runs);
  return readFileSync(log, "utf8").trim().split("\n");
}

test("a script waits for an earlier run of itself that a killed deployment left running", async () => {
  assert.deepEqual(await superviseRoles(["work1-bootstrap", "work1-bootstrap"]), ["begin", "end", "begin", "end"]);
});

test("different scripts of a host can run at the same time", async () => {
  assert.deepEqual(await superviseRoles(["work1-bootstrap", "work1-bases"]), ["begin", "begin", "end", "end"]);
});
