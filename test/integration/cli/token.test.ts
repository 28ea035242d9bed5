import assert from "node:assert/strict";
import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { TokenError } from "../../../services/core/runtime/process-errors.ts";
import { readOrCreateToken, readToken, tokenPath } from "../../../services/core/runtime/token.ts";
import { startOrb } from "../../fixtures/orb.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

test("the token is created once, readable by its owner only, and no other file remains", () => {
  using directory = temporaryDirectory();

  const first = readOrCreateToken(directory.path);
  const second = readOrCreateToken(directory.path);

  assert.match(first, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(second, first);
  assert.equal(statSync(tokenPath(directory.path)).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory.path), ["token"]);
});

test("a token file that other users could read becomes private", () => {
  using directory = temporaryDirectory();
  readOrCreateToken(directory.path);
  chmodSync(tokenPath(directory.path), 0o644);

  readOrCreateToken(directory.path);

  assert.equal(statSync(tokenPath(directory.path)).mode & 0o777, 0o600);
});

test("a file without a token is refused", () => {
  using directory = temporaryDirectory();
  writeFileSync(tokenPath(directory.path), "\n");

  assert.throws(() => readOrCreateToken(directory.path), TokenError);
});

test("./orb token prints only the token", async () => {
  using directory = temporaryDirectory();
  const token = readOrCreateToken(directory.path);
  await using program = startOrb(["token", "--data", directory.path]);

  const { code, stdout } = await program.ended;

  assert.equal(code, 0);
  assert.equal(stdout, `${token}\n`);
  assert.equal(readToken(directory.path), token);
});

test("without a token, ./orb token names the command that creates one", async () => {
  using directory = temporaryDirectory();
  await using program = startOrb(["token", "--data", directory.path]);

  const { code, stderr } = await program.ended;

  assert.equal(code, 1);
  assert.match(stderr, /There is no token in .* Run \.\/orb start --data .* to create one\. \(E_TOKEN\)/);
});
