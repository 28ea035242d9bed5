/** Ctrl-C at a command on a stack: what was not begun is not done. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { FREE_HOST, fakeEngine, LOCKED_HOST } from "../../fixtures/fake-engine.ts";
import { until } from "../../fixtures/until.ts";

const DESTROY = ["destroy", "--delete-data", "--yes"];

test("Ctrl-C while destroy waits for the fleet's lock changes nothing, asks no other manager, and exits 130", async () => {
  using engine = fakeEngine({ host: LOCKED_HOST });
  await using orb = engine.orb(...DESTROY);
  await until("it waits", () => orb.stderr().includes("waiting for the deployment by ops on desk"));

  orb.process.kill("SIGINT");
  const { code, stderr } = await orb.ended;

  assert.equal(code, 130, stderr);
  assert.match(stderr, /Interrupted: nothing was changed\..*\(E_INTERRUPTED\)\n$/);
  assert.equal(engine.calls("ssh").trim().split("\n").length, 1);
  assert.doesNotMatch(engine.calls("pulumi"), /^destroy/m);
});

test("Ctrl-C during destroy keeps the data, also if the engine completed its work", async () => {
  const sleep = "trap 'exit 0' INT; echo started >&2; while :; do sleep 0.05; done";
  using engine = fakeEngine({ host: FREE_HOST, destroy: sleep });
  await using orb = engine.orb(...DESTROY);
  await until("the engine runs", () => /^destroy/m.test(engine.calls("pulumi")));

  orb.process.kill("SIGINT");
  const { code, stderr } = await orb.ended;

  assert.equal(code, 130, stderr);
  assert.doesNotMatch(stderr, /deleting/);
});
