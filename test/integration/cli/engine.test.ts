import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { end, endTree } from "../../fixtures/process-tree.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { until } from "../../fixtures/until.ts";

const MAIN = join(import.meta.dirname, "../../fixtures/engine-main.ts");
const isThere = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const hasEngine = isThere("pulumi", "version") && isThere("sh", "-c", "command -v pulumi-resource-command");
const options = hasEngine ? {} : { skip: "needs pulumi and its plugin 'command' on PATH" };

/** A stack of scripts of this machine, with its state in a folder of its own. */
function startStack() {
  const directory = temporaryDirectory();
  for (const folder of ["program", "state", "home"]) mkdirSync(join(directory.path, folder));
  writeFileSync(join(directory.path, "program/Pulumi.yaml"), "name: orbweaver\nruntime: nodejs\n");
  writeFileSync(join(directory.path, "program/Pulumi.test.yaml"), "config: {}\n");
  const env = {
    ...process.env,
    PULUMI_BACKEND_URL: `file://${directory.path}/state`,
    PULUMI_HOME: join(directory.path, "home"),
    PULUMI_CONFIG_PASSPHRASE: "test",
    PULUMI_SKIP_UPDATE_CHECK: "1",
  };
  const groups: number[] = [];
  return {
    /** Runs in a process group of its own, as a command of a shell does. */
    up(...seconds: string[]) {
      const child = spawn(process.execPath, [MAIN, directory.path, ...seconds], {
        env,
        detached: true,
        stdio: ["ignore", "ignore", "pipe"],
      });
      const { pid } = child;
      assert.ok(pid !== undefined && pid > 1);
      groups.push(pid);
      let stderr = "";
      child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
      const ended = once(child, "close").then(([code]) => ({ code: code as number | null, stderr }));
      return {
        pid,
        ended,
        said: (text: string) =>
          until(
            () => `it says ${text}: ${stderr}`,
            () => stderr.includes(text),
            180_000,
          ),
      };
    },
    [Symbol.dispose]() {
      for (const pid of groups) end(-pid);
      directory[Symbol.dispose]();
    },
  };
}

test(
  "Ctrl-C for the process group counts once: running work ends in order, one line reports it, and no trace is printed",
  options,
  async () => {
    using stack = startStack();
    const run = stack.up("0.1", "600");
    await run.said("created script0");

    process.kill(-run.pid, "SIGINT");
    const { code, stderr } = await run.ended;

    assert.equal(code, 130, stderr);
    assert.equal(stderr.match(/stopping/g)?.length, 1);
    assert.match(stderr, /Interrupted: 2 created.*run the same command again.*\(E_INTERRUPTED\)\n$/);
    assert.doesNotMatch(stderr, /Diagnostics|CommandError|\^C received/);
  },
);

test("after a SIGKILL of all processes the next deployment removes the stale lock and completes the work", options, async () => {
  using stack = startStack();
  const run = stack.up("0.1", "600");
  await run.said("created script0");
  await run.said("creating script1");
  endTree(run.pid);
  await run.ended;

  const { code, stderr } = await stack.up("0.1", "0.2").ended;

  assert.equal(code, 0, stderr);
  assert.match(stderr, /Pulumi's lock was held by process \d+ of .*, which has ended; removing it/);
  assert.match(stderr, /an earlier deployment was killed/);
  assert.match(stderr, /1 created, 2 unchanged\n$/);
  assert.doesNotMatch(stderr, /pending operations/);
});

test("a failed script is reported once, with the lines that give the reason", options, async () => {
  using stack = startStack();
  const { code, stderr } = await stack.up("fail").ended;

  assert.equal(code, 1);
  assert.equal(stderr.match(/E: no such package/g)?.length, 1, stderr);
  assert.match(stderr, /script0 \(Command\): E: no such package/);
  assert.doesNotMatch(stderr, /echo Get:1|Diagnostics/);
});
