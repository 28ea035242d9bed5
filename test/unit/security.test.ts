import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../../services/core/runtime/checkout.ts";

const promises = readFileSync(join(ROOT, "SECURITY.md"), "utf8")
  .split("\n")
  .filter((line) => /^\| [A-Z]/.test(line));

test("each promise of SECURITY.md names tests that exist", () => {
  assert.ok(promises.length > 20);
  for (const promise of promises) {
    const paths = [...promise.matchAll(/`((?:test|packages)\/[^`]+\.ts)`/g)].map(([, path = ""]) => path);

    assert.notEqual(paths.length, 0, promise);
    for (const path of paths) assert.ok(existsSync(join(ROOT, path)), path);
  }
});
