import assert from "node:assert/strict";
import { chmodSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { TokenError } from "../../../services/core/process-errors.ts";
import { readOrCreateToken, readToken, tokenPath } from "../../../services/core/token.ts";
import { startOrb } from "../../fixtures/orb.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";

test("a token is made once, for its owner's eyes only, and nothing else is left behind", () => {
  using directory = temporaryDirectory();

  const first = readOrCreateToken(directory.path);
  const second = readOrCreateToken(directory.path);

  assert.match(first, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(second, first);
  assert.equal(statSync(tokenPath(directory.path)).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(directory.path), ["token"]);
});

test("a token file that others could read is closed to them", () => {
  using directory = temporaryDirectory();
  readOrCreateToken(directory.path);
  chmodSync(tokenPath(directory.path), 0o644);

  readOrCreateToken(directory.path);

  assert.equal(statSync(tokenPath(directory.path)).mode & 0o777, 0o600);
});

test("a file that holds no token is refused", () => {
  using directory = temporaryDirectory();
  writeFileSync(tokenPath(directory.path), "\n");

  assert.throws(() => readOrCreateToken(directory.path), TokenError);
});

test("./orb token prints the token and nothing else", async () => {
  using directory = temporaryDirectory();
  const token = readOrCreateToken(directory.path);
  await using program = startOrb(["token", "--data", directory.path]);

  const { code, stdout } = await program.ended;

  assert.equal(code, 0);
  assert.equal(stdout, `${token}\n`);
  assert.equal(readToken(directory.path), token);
});

test("./orb token on data that was never started says what makes one", async () => {
  using directory = temporaryDirectory();
  await using program = startOrb(["token", "--data", directory.path]);

  const { code, stderr } = await program.ended;

  assert.equal(code, 1);
  assert.match(stderr, /There is no token in .* \.\/orb start --data .* makes one\. \(E_TOKEN\)/);
});
