import assert from "node:assert/strict";
import { test } from "node:test";
import { derivePasswords } from "../../../../stacks/config/passwords.ts";

const all = (secret: string) => {
  const { database, queue, adminToken } = derivePasswords(secret);
  return [...Object.values(database), ...Object.values(queue), adminToken];
};

test("the same secret gives the same passwords", () => {
  assert.deepEqual(derivePasswords("a".repeat(32)), derivePasswords("a".repeat(32)));
});

test("all passwords differ, also those of different secrets", () => {
  const passwords = [...all("a".repeat(32)), ...all("b".repeat(32))];

  assert.equal(new Set(passwords).size, passwords.length);
});

test("passwords need no quoting", () => {
  for (const password of all("a".repeat(32))) assert.match(password, /^[\w-]{43}$/);
});
