import assert from "node:assert/strict";
import { test } from "node:test";
import { parentOf } from "../../../services/renderer/process-memory.ts";
import { renderedHeaders } from "../../../services/renderer/render-visit.ts";
import { firstHeaders } from "../../../services/renderer/request-takeover.ts";

test("a rendered page declares UTF-8, whatever its original charset", () => {
  const headers = renderedHeaders({
    "content-type": "text/html; charset=shift_jis",
    "content-encoding": "gzip",
    etag: '"1"',
    "x-a": "1\n2",
  });

  assert.deepEqual(headers, { etag: '"1"', "x-a": "1, 2", "content-type": "text/html; charset=utf-8" });
});

test("in the first request the task's headers replace Chromium's own", () => {
  const headers = firstHeaders(
    { Accept: "text/html", "User-Agent": "own" },
    { headers: { accept: "a/b", host: "evil", "x-own": "1" }, data: "a=b" },
  );

  assert.deepEqual(headers, { accept: "a/b", "user-agent": "own", "content-type": "application/x-www-form-urlencoded", "x-own": "1" });
});

test("the parent of a process is found after any process name", () => {
  assert.equal(parentOf("42 (a) b (c)) S 7 42 42 0"), 7);
  assert.equal(parentOf(""), 0);
});

test("a file name in UTF-8, which Chromium reports as windows-1252, is read", () => {
  const name = 'attachment; filename="Prüfung 文件.pdf"';
  const reported = new TextDecoder("windows-1252").decode(Buffer.from(name));

  assert.equal(renderedHeaders({ "content-disposition": reported })["content-disposition"], name);
  assert.equal(renderedHeaders({ "content-disposition": name })["content-disposition"], name);
  assert.equal(renderedHeaders({ "x-name": reported })["x-name"], reported);
});
