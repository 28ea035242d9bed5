import assert from "node:assert/strict";
import { test } from "node:test";
import type { Fleet } from "../../../../services/cli/stack/fleet-hosts.ts";
import { withFleetLock } from "../../../../services/cli/stack/with-lock.ts";
import { parseStackConfig } from "../../../../stacks/config.ts";
import { withSsh } from "../../../fixtures/fake-ssh.ts";
import { GOOD } from "../../../fixtures/stack-configs.ts";

const fleet: Fleet = { stack: "test", config: parseStackConfig(GOOD) };
const HELD = "#!/bin/sh\necho 'held another deployment'\ncat >/dev/null\n";

/** Waits for the lock with an `ssh` that is this script; `onLine` receives each line that it prints. */
async function lockWith(ssh: string, onLine: (stop: AbortController) => void, stop = new AbortController()) {
  using _ssh = withSsh(ssh);
  const lines: string[] = [];
  const say = (line: string) => {
    lines.push(line);
    onLine(stop);
  };
  const outcome = withFleetLock(fleet, { say, signal: stop.signal }, async () => "worked");
  return { outcome: await outcome.catch((reason: unknown) => ({ reason })), lines };
}

test("a signal during the wait ends it: the work does not begin, and no other manager is asked", async () => {
  const { outcome, lines } = await lockWith(HELD, (stop) => stop.abort("SIGINT"));

  assert.deepEqual(outcome, { reason: "SIGINT" });
  assert.equal(lines.length, 1);
});

test("after a signal no manager is asked", async () => {
  const stop = new AbortController();
  stop.abort("SIGTERM");

  const { outcome, lines } = await lockWith(HELD, () => {}, stop);

  assert.deepEqual([outcome, lines], [{ reason: "SIGTERM" }, []]);
});

test("without a manager that answers, the work begins without a lock", async () => {
  const { outcome } = await lockWith("#!/bin/sh\nexit 255\n", () => {});

  assert.equal(outcome, "worked");
});
