import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { memoryUse } from "../../../../services/core/runtime/memory-use.ts";
import { temporaryDirectory } from "../../../fixtures/temporary-directory.ts";

/** A control group as the kernel shows it in a container. */
function groupOf(files: Record<string, string>) {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(files)) writeFileSync(`${directory.path}/${name}`, text);
  return directory;
}

test("in a container, files that the kernel can drop do not count as memory", () => {
  using group = groupOf({ "memory.current": "9000\n", "memory.stat": "anon 5000\ninactive_file 3000\n", "memory.max": "10000\n" });

  assert.deepEqual(memoryUse(group.path), { memoryBytes: 6_000, memoryLimitBytes: 10_000 });
});

test("a container without a limit has none", () => {
  using group = groupOf({ "memory.current": "9000\n", "memory.stat": "", "memory.max": "max\n" });

  assert.deepEqual(memoryUse(group.path), { memoryBytes: 9_000 });
});

test("outside of a container the process' own memory counts", () => {
  using group = groupOf({});

  const { memoryBytes, memoryLimitBytes } = memoryUse(group.path);

  assert.ok(memoryBytes > 10_000_000 && memoryLimitBytes === undefined);
});
