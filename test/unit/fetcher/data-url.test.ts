import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDataUrl } from "../../../services/fetcher/data-url.ts";
import { UnsupportedUrlError } from "../../../services/fetcher/errors.ts";

const CASES: Record<string, [url: string, contentType: string, text: string]> = {
  "the platform's own start": ["data:,on_start", "text/plain;charset=US-ASCII", "on_start"],
  "everything after the first comma": ["data:,a,b", "text/plain;charset=US-ASCII", "a,b"],
  "a type and percent escapes": ["data:text/html,%3Ch1%3E", "text/html", "<h1>"],
  "a percent sign without an escape": ["data:,100%,%zz", "text/plain;charset=US-ASCII", "100%,%zz"],
  "a charset alone": ["data:;charset=utf-8,%C3%A4", "text/plain;charset=utf-8", "ä"],
  "unescaped text beyond ASCII": ["data:,ä", "text/plain;charset=US-ASCII", "ä"],
  base64: ["data:text/html;base64,PGgxPg==", "text/html", "<h1>"],
  "base64 with escapes": ["data:text/html;charset=utf-8;BASE64,PGgxPg%3D%3D", "text/html;charset=utf-8", "<h1>"],
  "a fragment, which is no data": ["data:,a#b", "text/plain;charset=US-ASCII", "a"],
};

for (const [name, [url, contentType, text]] of Object.entries(CASES)) {
  test(`${name}: ${url}`, () => {
    const parsed = parseDataUrl(url);

    assert.equal(parsed.contentType, contentType);
    assert.equal(parsed.content.toString(), text);
  });
}

test("a data: URL without a comma is refused", () => assert.throws(() => parseDataUrl("data:text/html"), UnsupportedUrlError));
