import assert from "node:assert/strict";
import { test } from "node:test";
import { sandboxAttempts } from "../../../services/renderer/start-chromium.ts";

test("Chromium is started with its sandbox first, and without it only if the sandbox is optional", () => {
  const attempts = [sandboxAttempts("auto", false), sandboxAttempts("auto", true), sandboxAttempts("required", false)];

  assert.deepEqual(attempts, [[true, false], [false], [true]]);
});

test("root cannot start Chromium when the sandbox is required, because Chromium refuses it as root", () => {
  assert.deepEqual(sandboxAttempts("required", true), [true]);
});
