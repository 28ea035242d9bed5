import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { isWorthKeeping, MAX_KEPT_BYTES, packPage, unpackPage } from "../../../../services/core/protocol/kept-page.ts";
import type { Page } from "../../../../services/core/protocol/messages.ts";

const page = (fields: Partial<Page> = {}): Page => ({
  ...{ url: "http://a.test/ü", origUrl: "http://a.test/", statusCode: 200, headers: { "content-type": "text/html" }, cookies: { a: "1" } },
  ...{ content: Buffer.from("<h1>ü\0\xff</h1>", "latin1"), timeMs: 5 },
  ...fields,
});

test("a page that is packed and unpacked is the same page", async () => {
  const given = page({ requests: [{ url: "http://a.test/api", method: "GET", statusCode: 200, headers: {}, text: "{}" }] });

  const back = await unpackPage((await packPage(given)) ?? "");

  assert.deepEqual({ ...back, content: Buffer.from(back.content) }, given);
});

test("a page that stays large when it is compressed is not packed, and neither is one of more than 8 MiB", async () => {
  assert.equal(await packPage(page({ content: randomBytes(MAX_KEPT_BYTES) })), undefined);
  assert.equal(await packPage(page({ content: new Uint8Array(8 * 2 ** 20) })), undefined);
  assert.ok(await packPage(page({ content: new Uint8Array(2 ** 20) })));
});

test("good pages from the network are worth keeping: no error, no 304, no data URL", () => {
  assert.equal(isWorthKeeping(page(), {}), true);
  for (const fields of [{ statusCode: 404 }, { statusCode: 304 }, { origUrl: "data:,x" }])
    assert.equal(isWorthKeeping(page(fields), {}), false, JSON.stringify(fields));
});

test("a text that is no packed page is refused", async () => {
  await assert.rejects(unpackPage("AAAA"));
});
