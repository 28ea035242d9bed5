import assert from "node:assert/strict";
import { test } from "node:test";
import { chromiumArguments } from "../../../services/renderer/chromium-arguments.ts";

const usual = { proxyPort: 4_242, hasSandbox: true };

test("all traffic uses the guard proxy, also to loopback", () => {
  const flags = chromiumArguments(usual);

  assert.ok(flags.includes("--proxy-server=http://127.0.0.1:4242"));
  assert.ok(flags.includes("--proxy-bypass-list=<-loopback>"));
});

test("Chromium's sandbox is disabled only if it is unavailable", () => {
  const hasFlag = (hasSandbox: boolean) => chromiumArguments({ ...usual, hasSandbox }).includes("--no-sandbox");

  assert.deepEqual([hasFlag(true), hasFlag(false)], [false, true]);
});
