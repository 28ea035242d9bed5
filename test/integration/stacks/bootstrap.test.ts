import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { bootstrapScript } from "../../../stacks/render/bootstrap.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

const LOCKED =
  "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 188 (apt-get)\nE: Unable to lock directory /var/lib/apt/lists/";

test("apt is retried while another process holds the lock of the package lists", () => {
  const { status, stderr, attempts } = aptGet(`[ "$attempt" -gt 2 ] || { printf '%s\\n' "${LOCKED}"; exit 100; }`);

  assert.deepEqual([status, stderr, attempts], [0, "", 3]);
});

test("after a failure of apt only its errors are shown", () => {
  const { status, stderr, attempts } = aptGet("seq 300; echo 'E: Unable to locate package tinc'; exit 100");

  assert.deepEqual([status, stderr, attempts], [1, "apt-get failed: E: Unable to locate package tinc\n", 1]);
});

test("after a failure without apt errors the last lines are shown", () => {
  const { stderr } = aptGet("seq 300; exit 1");

  assert.equal(stderr, "apt-get failed: 296\n297\n298\n299\n300\n");
});

/** Runs bootstrap's way to call apt on an apt-get that does `what`; `$attempt` counts from 1. */
function aptGet(what: string): { status: number | null; stderr: string; attempts: number } {
  using directory = temporaryDirectory();
  const count = `${directory.path}/count`;
  writeFileSync(count, "0");
  const program = `#!/bin/sh\nattempt=$(($(cat ${count}) + 1))\necho "$attempt" >${count}\n${what}\n`;
  writeFileSync(`${directory.path}/apt-get`, program, { mode: 0o755 });
  const { after = "" } = bootstrapScript({ nodeName: "work1", mesh: "orbweaver", user: "root", files: [] });
  const [, body = ""] = /^(apt_get\(\) \{[\s\S]*?^\})/m.exec(after) ?? [];
  const script = `set -euo pipefail\nfail() { printf '%s\\n' "$*" >&2; exit 1; }\nsleep() { :; }\n${body}\napt_get update`;
  const { status, stderr } = spawnSync("bash", ["-s"], {
    input: script,
    encoding: "utf8",
    env: { ...process.env, PATH: `${directory.path}:${process.env.PATH}` },
  });
  return { status, stderr, attempts: Number(readFileSync(count, "utf8")) };
}
