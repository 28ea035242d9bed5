import assert from "node:assert/strict";
import { test } from "node:test";
import { chromiumArguments } from "../../../services/renderer/chromium-arguments.ts";

const usual = { proxyPort: 4_242, isRoot: false, isInContainer: false };

test("all traffic goes through the guard proxy, that to loopback too", () => {
  const flags = chromiumArguments(usual);

  assert.ok(flags.includes("--proxy-server=http://127.0.0.1:4242"));
  assert.ok(flags.includes("--proxy-bypass-list=<-loopback>"));
});

test("Chromium's sandbox is off only for root and in containers, where it cannot work", () => {
  const hasNoSandbox = (situation: Partial<typeof usual>) => chromiumArguments({ ...usual, ...situation }).includes("--no-sandbox");

  assert.deepEqual([hasNoSandbox({}), hasNoSandbox({ isRoot: true }), hasNoSandbox({ isInContainer: true })], [false, true, true]);
});
