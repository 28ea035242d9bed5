import assert from "node:assert/strict";
import { test } from "node:test";
import { isPageOk } from "../../../../services/core/protocol/page-ok.ts";

const ROWS: [statusCode: number, follows: boolean, leaves: boolean][] = [
  [199, false, false],
  [200, true, true],
  [299, true, true],
  [300, false, true],
  [302, false, true],
  [304, true, true],
  [399, false, true],
  [400, false, false],
  [599, false, false],
];

for (const [statusCode, follows, leaves] of ROWS) {
  test(`status ${statusCode} is ${follows ? "ok" : "not ok"}, and ${leaves ? "ok" : "not ok"} without following redirects`, () => {
    const oks = [{}, { allowRedirects: true }, { allowRedirects: false }].map((fetch) => isPageOk({ statusCode }, fetch));

    assert.deepEqual(oks, [follows, follows, leaves]);
  });
}

test("an incomplete answer is not ok, whatever its status", () => {
  const error = { code: "E_FETCH_TIMEOUT", message: "too slow", retryable: true };

  assert.equal(isPageOk({ statusCode: 200, error }, {}), false);
});
