import assert from "node:assert/strict";
import { test } from "node:test";
import { infoOf } from "../../../services/sdk/crawler.ts";
import { begin, type Script } from "../../fixtures/crawling.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();

interface Refused {
  title: string;
  crawl(script: Script): void;
  message: RegExp | string;
  reason?: string;
}

for (const { title, crawl, message, reason = "" } of [
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
  ...[{ 200: {} }, { 403: 0 }, { "6xx": {} }, { 403: { retries: -1 } }, { 403: { retry: 1 } }, { "5xx": { retryDelay: [] } }, []].map(
    (byStatus) => ({
      title: `${JSON.stringify(byStatus)} as byStatus`,
      crawl: (script: Script) => script.crawl("/", { callback: "list", byStatus } as never),
      message: /takes as byStatus an object such as .*, not /,
    }),
  ),
  {
    title: "two mistakes at once",
    crawl: (script: Script) => script.crawl("/", { retries: -1, x: 1 } as never),
    message: /retries .*; has no option x/,
  },
  {
    title: "files that are not texts",
    crawl: (script: Script) => script.crawl("/", { callback: "list", files: { a: { b: 1 } } } as never),
    message: /takes as files an object like .*; the file "b" of "a" is neither text nor bytes$/,
  },
  {
    title: "files beside a body that is a text",
    crawl: (script: Script) => script.crawl("/", { callback: "list", files: { a: "x" }, data: "text" }),
    message: /takes as data, together with files, an object of form fields/,
  },
  ...(["data", "params", "headers", "cookies"] as const).flatMap((option) =>
    (
      [
        [null, 'null: leave it out, or write ""'],
        [undefined, 'undefined: leave it out, or write ""'],
        [NaN, "NaN: write a finite number"],
        [-Infinity, "-Infinity: write a finite number"],
        [() => 1, "a function: write a value"],
        [Symbol("s"), "a symbol: write a text"],
        [{ x: 1 }, "an object: write JSON.stringify(…) of it, or its fields by their names"],
        [new Date(0), "a Date: write a text"],
        [new Uint8Array(1), "bytes: send them in files"],
        ...(option === "data" || option === "params"
          ? ([
              [["1", null], "null: leave it out"],
              [[["1"]], "a list in a list: write one list"],
            ] as const)
          : ([[["1", "2"], "a list: write one text"]] as const)),
      ] as const
    ).map(([value, reason]) => ({
      title: `${typeof value === "function" ? "a function" : (JSON.stringify(value) ?? String(value))} in ${option}, of the kind ${reason.slice(0, 12)},`,
      crawl: (script: Script) => script.crawl("/", { callback: "list", [option]: { fine: "1", "a[b]": value } }),
      message: `crawl() takes as ${option} `,
      reason: `; "a[b]" is ${reason}`,
    })),
  ),
  {
    title: "a list of fields that are not pairs",
    crawl: (script: Script) => script.crawl("/", { callback: "list", data: ["a=1"] as never }),
    message: /; a list of fields has pairs such as \[name, value\]$/,
  },
  {
    title: "one header in two spellings",
    crawl: (script: Script) => script.crawl("/", { callback: "list", headers: { "X-Token": "1", "x-token": "2" } }),
    message: /takes as headers .*; "x-token" is there in another spelling, too: write one of them$/,
  },
  {
    title: "a list of cookies",
    crawl: (script: Script) => script.crawl("/", { callback: "list", cookies: [["a", "1"]] as never }),
    message: /takes as cookies an object of texts/,
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
] satisfies Refused[] as Refused[]) {
  test(`crawl() refuses ${title}`, () => {
    const { script, follows } = begin();

    assert.throws(
      () => crawl(script),
      ({ message: text }: Error) => (typeof message === "string" ? text.startsWith(message) : message.test(text)) && text.includes(reason),
    );

    assert.deepEqual(follows(), []);
  });
}

test("fields are refused where the header content-type says that the body is something else", () => {
  const { script, follows } = begin();
  const json = { "Content-Type": "application/json" };

  assert.throws(
    () => script.crawl("/", { callback: "list", data: { q: 1 }, headers: json }),
    /content-type is application\/json: write data as a text/,
  );
  script.crawl("/", { callback: "list", data: "{}", headers: json });
  script.crawl("/", { callback: "list", data: { q: 1 }, files: { f: "x" }, headers: json });
  script.crawl("/", { callback: "list", data: { q: 1 }, headers: { "content-type": "application/x-www-form-urlencoded; charset=UTF-8" } });

  assert.equal(follows().length, 3);
});

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
