import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const LIMIT = import.meta.resolve("../../../services/cli/end-hung-file.ts");

const runFile = (source: string, limitMs: number) => {
  const env = { PATH: process.env.PATH ?? "", TEST_FILE_LIMIT_MS: String(limitMs) };
  return spawnSync(process.execPath, [`--import=${LIMIT}`, "--eval", source], { env, encoding: "utf8", timeout: 60_000 });
};

test("a test file that leaves a server open is ended at its limit, and says what is open", () => {
  const { status, stderr } = runFile("require('node:net').createServer().listen(0)", 300);

  assert.equal(status, 1);
  assert.match(stderr, /^the test file did not end within 0\.3 s; it has open: .*TCPServerWrap/m);
});

test("a test file that ends by itself does not wait for its limit", () => {
  const { status, stderr } = runFile("", 600_000);

  assert.deepEqual([status, stderr], [0, ""]);
});
