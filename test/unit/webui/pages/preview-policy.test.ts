import assert from "node:assert/strict";
import { test } from "node:test";
import { withPolicy } from "../../../../services/webui/pages/debugger/preview-policy.ts";

test("the policy comes before the page, and after its doctype", () => {
  assert.match(
    withPolicy(" <!DOCTYPE html>\n<img src=a>"),
    /^ <!DOCTYPE html><meta http-equiv="content-security-policy" content="[^"]+">\n<img src=a>$/,
  );
  assert.match(withPolicy("<img src=a>"), /^<meta [^>]+><img src=a>$/);
});
