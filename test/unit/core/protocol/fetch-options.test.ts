import assert from "node:assert/strict";
import { test } from "node:test";
import {
  FETCH_OPTION_ENTRIES,
  FETCH_OPTIONS,
  type FetchOptionName,
  mergeFetchOptions,
} from "../../../../services/core/protocol/fetch-options.ts";

/** Values at the limits of each kind. */
const VALUES: [name: FetchOptionName, good: unknown[], bad: unknown[]][] = [
  ["method", ["GET", "patch", "x".repeat(32)], ["", "G T", "GET\n", "x".repeat(33), 1, ["GET"]]],
  [
    "headers",
    [{}, { "x-a": "b", "!#$%&'*+.^_`|~1": "\tä" }],
    [[], { a: 1 }, { "a:": "b" }, { a: "b\r\nc: d" }, { a: "\0" }, { a: "1", A: "1" }, null],
  ],
  ["cookies", [{}, { "a[b]": "c=d" }], [{ a: "b\n" }, { "a\r": "b" }, JSON.parse('{"__proto__":"x"}'), { a: "\ud800" }]],
  ["data", ["", "a=b", { base64: "" }, { base64: "AA==" }], ["\0", { base64: "A" }, { base64: "A===" }, { base64: "", more: 1 }, 7, null]],
  ["timeout", [0, 0.5, 1e9], [-1, Infinity, "30s", null]],
  ["allowRedirects", [true, false], [0, "true", null]],
  [
    "allowedDomains",
    [["a.test"], ["b-c.a.test", "127.0.0.1", "[::1]"], false],
    [[], true, "a.test", ["A.test"], ["http://a.test"], [".a.test"], [7]],
  ],
  ["metaRefresh", [true, false], [0, "true", null]],
  ["maxRedirects", [0, 5, 2 ** 53 - 1], [-1, 0.5, 2 ** 53, "5"]],
  ["etag", [true, false, '"x"'], ["a\nb", 1, null]],
  [
    "proxy",
    [false, "http://h", "https://u:p@h:1/", "socks5://[::1]:2", ["http://h"], Array(1_000).fill("http://h")],
    [true, "", "h:1", "ftp://h", "http://h/path", "http://h\n", [], [7], Array(1_001).fill("http://h"), null],
  ],
  ["fetchType", ["js", "http"], ["JS", "chrome", "", null]],
  ["jsScript", ["", "() => 1"], ["\0", 1]],
  ["jsRunAt", ["document-start", "document-end"], ["document-idle"]],
  [
    "tls",
    [{}, { minVersion: "TLSv1", ciphers: "DEFAULT:!aNULL@SECLEVEL=0" }],
    [{ minVersion: "SSLv3" }, { ciphers: "" }, { more: 1 }, [], null],
  ],
  [
    "waitFor",
    ["#a", "networkidle", 0, 600_000, { text: "a" }, { request: "/a*" }],
    ["", -1, 600_001, 0.5, {}, { text: "" }, { text: "a", request: "b" }, true],
  ],
  [
    "actions",
    [[], [{ click: "a" }, { type: "a", text: "" }, { select: "a", value: "b" }, { scroll: "end" }, { waitFor: 1 }]],
    [{}, [{}], [{ click: "" }], [{ type: "a" }], [{ scroll: "start" }], [{ click: "a", more: 1 }], Array(101).fill({ click: "a" }), null],
  ],
  ["flatten", [true, false], ["frames", 1, null]],
  ["blockResources", [[], ["image", "xhr"]], ["image", ["frame"], null]],
  ["captureRequests", ["/api/*"], ["", ["a"], null]],
  ["jsViewportWidth", [1, 16_384], [0, 16_385, 1.5, "1"]],
];

for (const [name, good, bad] of VALUES) {
  test(`${name} is valid within its limits only`, () => {
    const { isValid } = FETCH_OPTIONS[name];

    for (const value of good) assert.equal(isValid(value), true, JSON.stringify(value)?.slice(0, 100));
    for (const value of bad) assert.equal(isValid(value), false, JSON.stringify(value)?.slice(0, 100));
  });
}

test("the renderer's default of an option is one of its values", () => {
  for (const [name, { renderer, isValid }] of FETCH_OPTION_ENTRIES) {
    if (renderer?.fallback !== undefined) assert.equal(isValid(renderer.fallback), true, name);
  }
});

test("a header replaces one with the same name in another spelling, and a cookie does not", () => {
  const merged = mergeFetchOptions(
    { headers: { "x-from": "1", "X-Too": "1" }, cookies: { sid: "1" } },
    { headers: { "X-From": "2" }, cookies: { SID: "2" } },
  );

  assert.deepEqual(merged, { headers: { "X-Too": "1", "X-From": "2" }, cookies: { sid: "1", SID: "2" } });
});

test("headers and cookies are merged name by name, other options are replaced", () => {
  const merged = mergeFetchOptions(
    { headers: { a: "1", b: "1" }, cookies: { c: "1" }, proxy: ["http://h"], timeout: 5 },
    { headers: { b: "2" }, cookies: { d: "2" }, proxy: ["http://i"] },
  );

  assert.deepEqual(merged, { headers: { a: "1", b: "2" }, cookies: { c: "1", d: "2" }, proxy: ["http://i"], timeout: 5 });
});
