import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { SWARM_CALL } from "../../../stacks/render/swarm-call.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

/** Docker's messages. The first was seen in the lab. */
const PASSING = [
  "Error response from daemon: rpc error: code = DeadlineExceeded desc = context deadline exceeded",
  "Error response from daemon: rpc error: code = Unavailable desc = connection error",
  "Error response from daemon: The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
  "Error response from daemon: rpc error: code = Unknown desc = update out of sequence",
];

/** Runs `swarm service ls` with a docker that fails so often with this message and then prints `answer`. */
function ask(message: string, failures: number) {
  using directory = temporaryDirectory();
  const calls = join(directory.path, "calls");
  writeFileSync(calls, "");
  const docker = `#!/bin/bash
echo "$*" >>${calls}
if [ "$(wc -l <${calls})" -le ${failures} ]; then printf '%s\\n' "$MESSAGE" >&2; exit 1; fi
echo answer
echo a warning >&2
`;
  writeFileSync(join(directory.path, "docker"), docker, { mode: 0o755 });
  const script = `set -euo pipefail\nsleep() { :; }\n${SWARM_CALL}\nsaid=$(swarm service ls)\necho "said $said"; cat ${calls} >&2`;
  const env = { ...process.env, PATH: `${directory.path}:${process.env.PATH}`, MESSAGE: message };
  const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

for (const message of PASSING) {
  test(`after "${message.slice(28, 75)}…" the command is retried, and only its final answer is printed`, () => {
    assert.deepEqual(ask(message, 3), { status: 0, stdout: "said answer\n", stderr: `a warning\n${"service ls\n".repeat(4)}` });
  });
}

test("other Swarm errors are not retried", () => {
  const { status, stderr } = ask("Error: No such service: webui", 1);

  assert.deepEqual([status, stderr], [1, "Error: No such service: webui\n"]);
});
