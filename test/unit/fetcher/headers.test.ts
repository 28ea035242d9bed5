import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchOptions } from "../../../services/core/protocol/fetch-options.ts";
import type { Validators } from "../../../services/core/protocol/task.ts";
import { headerOf, joinHeaders, requestHeaders } from "../../../services/fetcher/headers.ts";

const headersOf = (fetch: FetchOptions, validators?: Validators, url = "https://site.test/") =>
  requestHeaders({ fetch, validators, userAgent: "Orbweaver/0.1", url: new URL(url) });

test("a task without options sends user agent, accept and accept-encoding", () => {
  assert.deepEqual(headersOf({}), { accept: "*/*", "accept-encoding": "gzip, deflate, br, zstd", "user-agent": "Orbweaver/0.1" });
});

test("the task's headers take precedence and keep their spelling", () => {
  const headers = headersOf({ headers: { "User-Agent": "mine", ACCEPT: "text/html" } });

  assert.deepEqual(headers, { "accept-encoding": "gzip, deflate, br, zstd", "User-Agent": "mine", ACCEPT: "text/html" });
});

test("cookies and hop-by-hop headers are left out", () => {
  const headers = headersOf({ headers: { Cookie: "a=1", Connection: "close", "Content-Length": "3", "Transfer-Encoding": "chunked" } });

  assert.deepEqual(Object.keys(headers), ["accept", "accept-encoding", "user-agent"]);
  assert.equal(headerOf({ Cookie: "a=1" }, "cookie"), "a=1");
});

test("stored validators make the request conditional; the task's own values replace them, and false removes them", () => {
  const stored = { etag: '"1"', lastModified: "Mon" };

  assert.deepEqual([headersOf({}, stored)["if-none-match"], headersOf({}, stored)["if-modified-since"]], ['"1"', "Mon"]);
  assert.equal(headersOf({ etag: '"2"' }, stored)["if-none-match"], '"2"');
  assert.equal(headersOf({ etag: false, lastModified: false }, stored)["if-none-match"], undefined);
  assert.equal(headersOf({ etag: true })["if-none-match"], undefined);
});

test("credentials in the URL become Basic authorization", () => {
  const { authorization } = headersOf({}, undefined, "https://me:p%40ss%@site.test/");

  assert.equal(authorization, `Basic ${Buffer.from("me:p%40ss%").toString("base64")}`);
});

test("repeated headers are joined", () => {
  assert.deepEqual(joinHeaders({ a: ["1", "2"], b: "3", c: undefined }), { a: "1, 2", b: "3" });

  test("a file name in UTF-8 is read, and one in another encoding stays as it is", () => {
    const names = ['attachment; filename="Prüfung 文件.pdf"', 'attachment; filename="a.pdf"'];
    const latin1 = 'attachment; filename="Prüfung.pdf"';

    for (const name of names) {
      const bytes = Buffer.from(name).toString("latin1");
      assert.deepEqual(joinHeaders({ "Content-Disposition": bytes, "x-name": bytes }), { "Content-Disposition": name, "x-name": bytes });
    }
    assert.deepEqual(joinHeaders({ "content-disposition": latin1 }), { "content-disposition": latin1 });
  });
});
