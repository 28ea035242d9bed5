import assert from "node:assert/strict";
import { test } from "node:test";
import { isDownload } from "../../../services/renderer/download.ts";

const head = (headers: Record<string, string>, responseStatusCode = 200) => ({
  responseStatusCode,
  responseHeaders: Object.entries(headers).map(([name, value]) => ({ name, value })),
});

test("documents are shown; other types, attachments and empty answers are downloads", () => {
  const shown = [
    "text/html; charset=utf-8",
    "TEXT/PLAIN",
    "application/xhtml+xml",
    "application/json",
    "image/svg+xml",
    "application/xml;a=b",
  ];
  const bytes = ["application/pdf", "application/octet-stream", "image/png", "application/vnd.ms-excel", "video/mp4"];
  for (const type of shown) assert.equal(isDownload(head({ "Content-Type": type })), false, type);
  for (const type of bytes) assert.equal(isDownload(head({ "content-type": type })), true, type);
  assert.equal(isDownload(head({ "content-type": "text/html", "content-disposition": "Attachment; filename=a.html" })), true);
  assert.equal(isDownload(head({ "content-type": "text/html", "content-disposition": "inline" })), false);
  assert.deepEqual(
    [isDownload(head({}, 204)), isDownload(head({})), isDownload(head({ "content-type": "a/b" }, 302))],
    [true, false, false],
  );
});
