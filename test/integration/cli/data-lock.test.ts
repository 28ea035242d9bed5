import assert from "node:assert/strict";
import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { lockData } from "../../../services/cli/data-lock.ts";
import { DataDirectoryError, DataInUseError } from "../../../services/cli/errors.ts";
import { startFixture } from "../../fixtures/orb.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { until } from "../../fixtures/until.ts";

test("a second process is refused with the directory, and the owner's process and address", async () => {
  using directory = temporaryDirectory();
  await using holder = startFixture("data-lock-main.ts", [directory.path]);
  await until("the lock is held", () => holder.stdout().includes("held"));

  const second = () => lockData(directory.path, "./orb run");

  assert.throws(second, (error) => {
    assert.ok(error instanceof DataInUseError);
    for (const part of [directory.path, `process ${holder.process.pid} (./orb start`, "http://127.0.0.1:5000", "--data"])
      assert.ok(error.message.includes(part), error.message);
    return true;
  });
});

test("the lock is released when its process ends, even after SIGKILL", async () => {
  using directory = temporaryDirectory();
  await using holder = startFixture("data-lock-main.ts", [directory.path]);
  await until("the lock is held", () => holder.stdout().includes("held"));
  holder.process.kill("SIGKILL");
  await holder.ended;

  lockData(directory.path, "./orb start")[Symbol.dispose]();
});

test("a released lock can be taken again, and no owner remains", () => {
  using directory = temporaryDirectory();

  lockData(directory.path, "./orb start")[Symbol.dispose]();
  lockData(directory.path, "./orb start")[Symbol.dispose]();

  assert.deepEqual(readdirSync(directory.path), ["lock"]);
});

test("a missing directory is created with permissions for its owner alone", () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "a", "b");

  using _lock = lockData(path, "./orb start");

  assert.equal(statSync(path).mode & 0o777, 0o700);
});

test("a directory without write permission is refused", { skip: process.getuid?.() === 0 && "root may write everywhere" }, () => {
  using directory = temporaryDirectory();
  chmodSync(directory.path, 0o500);

  assert.throws(() => lockData(directory.path, "./orb start"), DataDirectoryError);
});

test("a path to a file is refused", () => {
  assert.throws(() => lockData(import.meta.filename, "./orb start"), DataDirectoryError);
});
