import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { PULL_FUNCTIONS } from "../../../../stacks/render/pull-functions.ts";

/** Whether the host has the image, whether a pull succeeds; then whether the function pulls, and whether it succeeds. */
type Row = [command: "have" | "renew", isThere: boolean, isPullable: boolean, pulls: boolean, succeeds: boolean];

const ROWS: Row[] = [
  ["have", true, false, false, true],
  ["have", false, true, true, true],
  ["have", false, false, true, false],
  ["renew", true, true, true, true],
  ["renew", true, false, true, true],
  ["renew", false, false, true, false],
];

for (const [command, isThere, isPullable, pulls, succeeds] of ROWS) {
  test(`${command}, image ${isThere ? "there" : "absent"}, pull ${isPullable ? "succeeds" : "fails"}: ${succeeds ? "succeeds" : "fails"}`, () => {
    const docker = `docker() { if [ "$1" = pull ]; then cat; echo pulled; ${isPullable}; else ${isThere}; fi; }`;
    const script = `set -euo pipefail\nfail() { echo "$*" >&2; exit 1; }\n${docker}\n${PULL_FUNCTIONS}\n${command} redis:7`;

    const { status, stdout, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8", input: "the rest of a script" });

    const refusal = succeeds ? "" : "The image redis:7 is neither on this host nor can it be pulled; its message is above.\n";
    assert.deepEqual([status, stdout, stderr], [succeeds ? 0 : 1, "", `${pulls ? "pulled\n" : ""}${refusal}`]);
  });
}
