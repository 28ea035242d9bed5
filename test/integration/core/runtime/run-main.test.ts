import assert from "node:assert/strict";
import { test } from "node:test";
import { startFixture } from "../../../fixtures/orb.ts";
import { until } from "../../../fixtures/until.ts";

const start = (ending: string) => startFixture("run-main-main.ts", [ending]);

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} drains the work and exits 0`, async () => {
    await using program = start("drain");
    await until("it works", () => program.stdout().includes("working"));

    program.process.kill(signal);

    const { code, stdout } = await program.ended;
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`drained after ${signal}`));
  });
}

test("a second Ctrl-C exits at once with 130", async () => {
  await using program = start("hang");
  await until("it works", () => program.stdout().includes("working"));
  program.process.kill("SIGINT");
  await until("it drains", () => program.stdout().includes("draining"));

  program.process.kill("SIGINT");

  assert.equal((await program.ended).code, 130);
});

test("invalid settings exit 78 with the list of problems as plain text", async () => {
  await using program = start("bad-input");

  const { code, stderr } = await program.ended;

  assert.equal(code, 78);
  assert.equal(stderr, 'The environment variables are not valid: 1 problem\n  ORB_PORT = "x": write a number\n');
});

test("an error with a code exits 1 with its message, a bug with its stack", async () => {
  await using known = start("listen");
  await using bug = start("bug");

  const [first, second] = await Promise.all([known.ended, bug.ended]);

  assert.deepEqual([first.code, second.code], [1, 1]);
  assert.match(JSON.parse(first.stderr).msg, /Cannot listen on 127.0.0.1 port 1/);
  assert.match(JSON.parse(second.stderr).err.stack, /TypeError: x is not a function\n\s+at /);
});
