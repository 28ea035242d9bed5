import assert from "node:assert/strict";
import { test } from "node:test";
import { infoOf } from "../../../services/sdk/crawler.ts";
import { begin, type Script } from "../../fixtures/crawling.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

for (const { title, crawl, message } of [
  {
    title: "an unknown option",
    crawl: (script: Script) => script.crawl("http://a.test", { calback: "list" } as never),
    message: /has no option calback/,
  },
  {
    title: "a value of the wrong kind",
    crawl: (script: Script) => script.crawl("/", { callback: "list", age: "soon" }),
    message: /takes as age .*"10d", not "soon"/,
  },
  {
    title: "two mistakes at once",
    crawl: (script: Script) => script.crawl("/", { retries: -1, x: 1 } as never),
    message: /retries .*; has no option x/,
  },
  {
    title: "files that are not texts",
    crawl: (script: Script) => script.crawl("/", { callback: "list", files: { a: { b: 1 } } } as never),
    message: /takes as files an object like/,
  },
  {
    title: "files beside a body that is a text",
    crawl: (script: Script) => script.crawl("/", { callback: "list", files: { a: "x" }, data: "text" }),
    message: /takes as data, together with files, an object of form fields/,
  },
  {
    title: "a window without width",
    crawl: (script: Script) => script.crawl("/", { callback: "list", fetchType: "js", jsViewportWidth: 0 }),
    message: /takes as jsViewportWidth a whole number from 1 to 16384, not 0/,
  },
  ...["a b", "a:", "", "a\r\nb", "ä"].map((name) => ({
    title: `a header called ${JSON.stringify(name)}`,
    crawl: (script: Script) => script.crawl("/", { callback: "list", headers: { [name]: "x" } }),
    message: /takes as headers an object of texts without line breaks, with names such as accept-language/,
  })),
  ...(["headers", "cookies", "userAgent", "etag", "lastModified"] as const).map((option) => ({
    title: `a line break in ${option}`,
    crawl: (script: Script) =>
      script.crawl("/", { callback: "list", [option]: option === "headers" || option === "cookies" ? { a: "b\r\nc: d" } : "b\nc: d" }),
    message: new RegExp(`takes as ${option} .*without line breaks`),
  })),
  {
    title: "a message about a URL with a line break",
    crawl: (script: Script) => script.sendMessage("other", 1, "a\r\nb"),
    message: /without control characters/,
  },
  { title: "no callback", crawl: (script: Script) => script.crawl("/"), message: /takes as callback a method/ },
  {
    title: "a callback that is not a method",
    crawl: (script: Script) => script.crawl("/", { callback: () => 1 }),
    message: /is not one: write it as a method/,
  },
  {
    title: "the name of a missing method",
    crawl: (script: Script) => script.crawl("/", { callback: "gone" }),
    message: /gone is not one/,
  },
  {
    title: "another scheme",
    crawl: (script: Script) => script.crawl("ftp://a.test/", { callback: "list" }),
    message: /http, https and data URLs, not "ftp:/,
  },
  { title: "an invalid URL", crawl: (script: Script) => script.crawl("http://", { callback: "list" }), message: /URLs, not "http:/ },
  {
    title: "a URL above 8 KiB",
    crawl: (script: Script) => script.crawl(`/${"x".repeat(9_000)}`, { callback: "list" }),
    message: /at most 8192 characters/,
  },
  {
    title: "a URL above 8 KiB with its params",
    crawl: (script: Script) => script.crawl(`/${"x".repeat(8_000)}`, { callback: "list", params: { q: "x".repeat(200) } }),
    message: /at most 8192 characters/,
  },
  {
    title: "a header named __proto__",
    crawl: (script: Script) => script.crawl("/", { callback: "list", headers: JSON.parse('{ "__proto__": "x" }') }),
    message: /takes as headers an object of texts/,
  },
  {
    title: "an itag that is longer than a task keeps",
    crawl: (script: Script) => script.crawl("/", { callback: "list", itag: "x".repeat(1_001) }),
    message: /takes as itag a text without NUL, of at most 1000 characters/,
  },
  {
    title: "a reserved id",
    crawl: (script: Script) => script.crawl("/", { callback: "list", taskid: "_x" }),
    message: /does not begin with _/,
  },
  {
    title: "a number",
    crawl: (script: Script) => script.crawl(7 as never, { callback: "list" }),
    message: /takes URLs and link elements, not number: 7/,
  },
]) {
  test(`crawl() refuses ${title}`, () => {
    const { script, follows } = begin();

    assert.throws(() => crawl(script), message);

    assert.deepEqual(follows(), []);
  });
}

test("crawlConfig has no option callback", () => {
  const { script } = begin();
  script.crawlConfig = { callback: "list" } as never;

  assert.throws(() => script.crawl("http://a.test/", { callback: "list" }), /crawlConfig has no option callback/);
});

for (const bad of [{ hostDelay: "2d" }, { hostDelay: -1 }, { hostConcurrency: 0 }, { hostConcurrency: 1.5 }]) {
  test(`crawlConfig refuses ${JSON.stringify(bad)}`, () => {
    const { script } = begin();
    script.crawlConfig = bad as never;

    assert.throws(() => infoOf(script), /crawlConfig takes as host/);
  });
}

for (const proxy of ["me:secret@a:1", "ftp://me:secret@a", [], true, ["http://me:secret@a", 7], "http://a/secret path"]) {
  test(`crawl() refuses ${JSON.stringify(proxy)} as a proxy, and does not repeat it`, () => {
    const { script } = begin();

    assert.throws(
      () => script.crawl("http://a.test/", { callback: "list", proxy: proxy as never }),
      ({ message }: Error) => /takes as proxy/.test(message) && !/secret/.test(message),
    );
  });
}
