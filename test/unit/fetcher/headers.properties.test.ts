/** What servers say beside the page: anything. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { repeatedHeader } from "../../../services/core/protocol/fetch-options.ts";
import { ChainCookies } from "../../../services/fetcher/chain-cookies.ts";
import { parseDataUrl } from "../../../services/fetcher/data-url.ts";
import { decodeBody, TOO_LARGE } from "../../../services/fetcher/decode-body.ts";
import { UnsupportedUrlError } from "../../../services/fetcher/errors.ts";
import { joinHeaders, requestHeaders } from "../../../services/fetcher/headers.ts";
import { nextHop } from "../../../services/fetcher/redirect.ts";
import { readRetryAfter } from "../../../services/processor/outcome.ts";
import { anyName, anyText, anyUrl, recordOf, textOf } from "../../fixtures/arbitraries.ts";

const URL_ = new URL("http://a.test/folder/page");

const LEFT_OUT = /^(?:cookie|connection|keep-alive|transfer-encoding|content-length|upgrade|expect|te|trailer|proxy-connection)$/i;
const DATES = ["Wed, ", "21 Oct ", "2015 ", "07:28:00 ", "GMT", "-", "+", "1", "9".repeat(400), "1e9", "0x10", "Infinity", "NaN"];

test("any Retry-After is parsed as seconds up to an hour, or as missing", () => {
  fc.assert(
    fc.property(fc.oneof(textOf(DATES, 8), anyText(), fc.nat().map(String)), fc.constantFrom(429, 503, 200), (said, statusCode) => {
      const seconds = readRetryAfter({ statusCode, headers: { "retry-after": said } }, Date.now());

      assert.ok(seconds === undefined || (seconds >= 0 && seconds <= 3_600), String(seconds));
    }),
  );
});

test("any repeated headers are joined to one text per name", () => {
  fc.assert(
    fc.property(recordOf(fc.oneof(anyText(), fc.array(anyText(), { maxLength: 3 }))), (headers) => {
      const joined = joinHeaders(headers);

      assert.deepEqual(Object.keys(joined).sort(), Object.keys(headers).sort());
      assert.ok(Object.values(joined).every((value) => typeof value === "string"));
    }),
  );
});

const COOKIE = [
  "a",
  "=",
  ";",
  "; ",
  "Path=",
  "/",
  "Domain=",
  "a.test",
  ".test",
  "test",
  "Max-Age=",
  "-1",
  "9".repeat(30),
  "Expires=",
  ...DATES,
  "Secure",
  "HttpOnly",
  "SameSite=",
  "__Host-",
  "__proto__",
  '"',
];

test("any cookies are kept or dropped, and kept ones are sent as one line", () => {
  fc.assert(
    fc.property(fc.array(textOf(COOKIE), { maxLength: 4 }), anyText(), recordOf(anyText()), (setCookie, header, own) => {
      const cookies = new ChainCookies(URL_, header, own);
      cookies.store(setCookie, URL_);

      assert.ok(Object.values(cookies.valuesFor(URL_)).every((value) => typeof value === "string"));
      assert.equal(typeof (cookies.headerFor(URL_) ?? ""), "string");
    }),
  );
});

test("any Location becomes a URL or an error with its reason", () => {
  const hop = { url: URL_, method: "POST", headers: { authorization: "x", cookie: "y" }, body: "z" };
  fc.assert(
    fc.property(anyUrl, fc.constantFrom(301, 302, 303, 307, 308), (location, status) => {
      try {
        const next = nextHop(hop, status, location);

        assert.match(next.url.protocol, /^https?:$/);
        assert.equal("authorization" in next.headers, next.url.origin === URL_.origin);
      } catch (error) {
        assert.ok(error instanceof UnsupportedUrlError, String(error));
      }
    }),
  );
});

test("any headers of a task are sent as written, each name once", () => {
  fc.assert(
    fc.property(recordOf(anyText()), anyUrl, (headers, text) => {
      fc.pre(repeatedHeader(headers) === undefined);
      const url = URL.parse(text) ?? URL_;

      const sent = requestHeaders({ fetch: { headers, data: "x" }, validators: { etag: "e" }, userAgent: "u", url });

      assert.equal(repeatedHeader(sent), undefined);
      for (const [name, value] of Object.entries(headers)) assert.ok(LEFT_OUT.test(name) || sent[name] === value);
    }),
  );
});

test("any data: URL has content or no comma", () => {
  fc.assert(
    fc.property(textOf([",", ";base64", ";charset=", "text/html", "%61", "%", "%zz", "#", "=", " "]), (rest) => {
      try {
        const { contentType, content } = parseDataUrl(`data:${rest}`);

        assert.ok(contentType !== "" && content.length <= Buffer.byteLength(rest));
      } catch (error) {
        assert.ok(error instanceof UnsupportedUrlError && !rest.includes(","), String(error));
      }
    }),
  );
});

const CODINGS: Record<string, (bytes: Uint8Array) => Buffer> = {
  gzip: gzipSync,
  deflate: deflateSync,
  "deflate ": deflateRawSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
};

test("a body is decoded unchanged, or exceeds its limit", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...Object.keys(CODINGS)), fc.nat(400), (bytes, coding, limit) => {
      const wire = CODINGS[coding]?.(bytes) as Buffer;

      const decoded = decodeBody(wire, coding, limit);

      if (bytes.length > limit) assert.equal(decoded, TOO_LARGE);
      else assert.deepEqual(decoded, { body: Buffer.from(bytes), isCut: false });
    }),
  );
});

test("any bytes in any coding are decoded within the limit, or refused", () => {
  fc.assert(
    fc.property(
      fc.uint8Array(),
      fc.oneof(textOf(["gzip", "deflate", "br", "zstd", "x-gzip", ",", " "], 4), anyName),
      fc.nat(1_000),
      (bytes, coding, limit) => {
        try {
          const decoded = decodeBody(Buffer.from(bytes), coding, limit);

          assert.ok(decoded === TOO_LARGE || decoded.body.length <= Math.max(limit, bytes.length));
        } catch (error) {
          assert.match(String((error as NodeJS.ErrnoException).code), /^(?:Z_|ERR_|ZSTD_)/);
          assert.notEqual((error as NodeJS.ErrnoException).code, "ERR_OUT_OF_RANGE");
        }
      },
    ),
  );
});
