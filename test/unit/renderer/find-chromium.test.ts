import assert from "node:assert/strict";
import { test } from "node:test";
import { NoChromiumError } from "../../../services/renderer/errors.ts";
import { findChromium } from "../../../services/renderer/find-chromium.ts";

test("if a path is given, only that path is tried", () => {
  assert.equal(findChromium(process.execPath, ""), process.execPath);
  assert.throws(
    () => findChromium("/nowhere/chromium", process.env.PATH ?? ""),
    /\/nowhere\/chromium.*apt-get install chromium.*ORB_CHROMIUM_PATH/,
  );
});

test("without Chromium the error lists the tried names", { skip: process.platform === "darwin" }, () => {
  assert.throws(
    () => findChromium(undefined, "/nowhere:"),
    (error) => error instanceof NoChromiumError && !error.retryable && error.message.includes("chromium, chromium-browser"),
  );
});
