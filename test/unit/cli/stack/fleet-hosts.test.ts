import assert from "node:assert/strict";
import { test } from "node:test";
import { type Fleet, runOn } from "../../../../services/cli/stack/fleet-hosts.ts";
import { type Host, parseStackConfig } from "../../../../stacks/config.ts";
import { NoSshError } from "../../../../stacks/errors.ts";
import { RUN_HERE, withSsh } from "../../../fixtures/fake-ssh.ts";
import { GOOD } from "../../../fixtures/stack-configs.ts";

const config = parseStackConfig(GOOD);
const fleet: Fleet = { stack: "test", config };
const host = config.hosts[0] as Host;

test("a script's exit code and both outputs are returned unchanged", async () => {
  using _ssh = withSsh(RUN_HERE);

  const end = await runOn(fleet, host, "echo out; echo '  err' >&2; exit 3");

  assert.deepEqual(end, { code: 3, stdout: "out\n", stderr: "  err\n" });
});

test("standard output is shown by lines as it arrives, the last one also without a line break", async () => {
  using _ssh = withSsh(RUN_HERE);
  const lines: string[] = [];

  const end = await runOn(fleet, host, "echo first; echo; printf 'ü'; echo err >&2", { show: (line) => lines.push(line) });

  assert.deepEqual([lines, end], [["first", "", "ü"], { code: 0, stdout: "", stderr: "err\n" }]);
});

test("a signal ends the script, and is no error", async () => {
  using _ssh = withSsh(RUN_HERE);
  const stop = new AbortController();

  const end = await runOn(fleet, host, "echo started; exec sleep 60", { signal: stop.signal, show: () => stop.abort() });

  assert.equal(end.code, null);
});

test("a host that does not read the script is no error", async () => {
  using _ssh = withSsh("#!/bin/sh\nexec 0<&-\necho refused >&2\nexit 255\n");

  const end = await runOn(fleet, host, "true\n".repeat(100_000));

  assert.deepEqual([end.code, end.stderr], [255, "refused\n"]);
});

test("a machine without ssh is named", async () => {
  using _ssh = withSsh(undefined);

  await assert.rejects(runOn(fleet, host, "true"), NoSshError);
});
