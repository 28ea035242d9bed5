import assert from "node:assert/strict";
import test from "node:test";
import { ScriptCache } from "../../../../services/core/queue/script-cache.ts";

test("the script that was not asked for longest makes room", () => {
  const cache = new ScriptCache(2);
  cache.set("a", "1");
  cache.set("b", "2");
  cache.get("a");

  cache.set("c", "3");

  assert.deepEqual([cache.get("a"), cache.get("b"), cache.get("c")], ["1", undefined, "3"]);
});
