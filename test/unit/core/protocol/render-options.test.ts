import assert from "node:assert/strict";
import { test } from "node:test";
import { matchesPattern } from "../../../../services/core/protocol/render-options.ts";

test("a URL contains a pattern, in which * stands for any characters", () => {
  const url = "http://site.test/api/items?page=2";

  for (const pattern of ["/api/", "/api/*page=2", "*", "http*site*2", "items?page"])
    assert.equal(matchesPattern(url, pattern), true, pattern);
  for (const pattern of ["/apis", "page*api", "/api/*page=22", "items.page"]) assert.equal(matchesPattern(url, pattern), false, pattern);
});
