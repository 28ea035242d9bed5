import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { begin } from "../../fixtures/crawling.ts";
import { connectTestHost } from "../../fixtures/script-host.ts";

connectTestHost();
const md5 = (text: string) => createHash("md5").update(text).digest("hex");

test("a URL becomes a task with its MD5 as id", () => {
  const { script, follows } = begin();

  script.crawl(" http://Bücher.test/ä?q=ö#part ", { callback: script.list });

  assert.deepEqual(follows(), [
    {
      taskid: md5("http://xn--bcher-kva.test/%C3%A4?q=%C3%B6"),
      url: "http://xn--bcher-kva.test/%C3%A4?q=%C3%B6",
      schedule: { age: 86_400, priority: 1 },
      process: { callback: "list", processTimeLimit: 5 },
    },
  ]);
});

test("options of the call take precedence over @config, and @config over crawlConfig", () => {
  const { script, follows } = begin();

  script.crawl("http://a.test/", { callback: "detail", retries: 0, headers: { "x-from": "call" } });

  assert.deepEqual(follows()[0]?.schedule, { age: 864_000, priority: 1, retries: 0 });
  assert.deepEqual(follows()[0]?.fetch, { timeout: 30, headers: { "x-from": "call", "x-too": "config" } });
});

test("a body makes a different task of the same URL", () => {
  const { script, follows } = begin();

  script.crawl("http://a.test/", { callback: "list" });
  script.crawl("http://a.test/", { callback: "list", data: { a: "1 2", b: true } });
  script.crawl("http://a.test/", { callback: "list", data: "a=2", method: "put" });

  assert.deepEqual(
    follows().map(({ taskid, fetch }) => [taskid, fetch]),
    [
      [md5("http://a.test/"), undefined],
      [md5("http://a.test/\nPOST\na=1+2&b=true"), { data: "a=1+2&b=true" }],
      [md5("http://a.test/\nPUT\na=2"), { data: "a=2", method: "PUT" }],
    ],
  );
});

for (const { title, data, body } of [
  { title: "a list", data: { "t[]": ["1", 2], x: 1n }, body: "t%5B%5D=1&t%5B%5D=2&x=1" },
  { title: "an empty list", data: { a: [], b: "" }, body: "b=" },
  { title: "URLSearchParams", data: new URLSearchParams("a=1&b=ü&a=2"), body: "a=1&b=%C3%BC&a=2" },
  {
    title: "pairs",
    data: [
      ["a", true],
      ["a", 0.5],
    ] as const,
    body: "a=true&a=0.5",
  },
]) {
  test(`several values of one name are sent as ${title} has them, in data, params and forms with files`, () => {
    const { script, follows } = begin();

    script.crawl("http://a.test/", { callback: "list", data });
    script.crawl("http://a.test/", { callback: "list", params: data });
    script.crawl("http://a.test/", { callback: "list", data, files: { f: "x" } });

    const [posted, asked, uploaded] = follows();
    assert.equal(posted?.fetch?.data, body);
    assert.equal(asked?.url, `http://a.test/?${body}`);
    const parts = [...String(uploaded?.fetch?.data).matchAll(/name="([^"]*)"\r\n\r\n(.*)\r\n/g)].map(([, name, value]) => [name, value]);
    assert.deepEqual(parts, [...new URLSearchParams(body)]);
  });
}

test("a list of files makes several files of one field", () => {
  const { script, follows } = begin();

  script.crawl("/upload", { callback: "list", files: { "f[]": [{ "a.txt": "A", "b.txt": "B" }, { "a.txt": "C" }, "D"] } });

  const heads = [...String(follows()[0]?.fetch?.data).matchAll(/name="(.*?)"; filename="(.*?)"\r\n.*\r\n\r\n(.*)\r\n/g)];
  assert.deepEqual(
    heads.map(([, ...parts]) => parts),
    [
      ["f[]", "a.txt", "A"],
      ["f[]", "b.txt", "B"],
      ["f[]", "a.txt", "C"],
      ["f[]", "f[]", "D"],
    ],
  );
});

test("files are sent as a form with the same text each time", () => {
  const { script, follows } = begin();
  const files = { cv: { 'a "b".txt': "ä\r\n" }, note: "short" };

  for (const _again of [1, 2]) script.crawl("/upload", { callback: "list", data: { name: "Ada" }, files });

  const [{ fetch } = {}, ...others] = follows();
  assert.deepEqual(others, []);
  const boundary = /^multipart\/form-data; boundary=(orbweaver-[0-9a-f]{32})$/.exec(fetch?.headers?.["content-type"] ?? "")?.[1];
  assert.equal(
    String(fetch?.data).replaceAll(boundary ?? "?", "BOUNDARY"),
    [
      "--BOUNDARY",
      'Content-Disposition: form-data; name="name"',
      "",
      "Ada",
      "--BOUNDARY",
      'Content-Disposition: form-data; name="cv"; filename="a %22b%22.txt"',
      "Content-Type: application/octet-stream",
      "",
      "ä\r\n",
      "--BOUNDARY",
      'Content-Disposition: form-data; name="note"; filename="note"',
      "Content-Type: application/octet-stream",
      "",
      "short",
      "--BOUNDARY--",
      "",
    ].join("\r\n"),
  );
});

const BYTES = Uint8Array.from({ length: 256 }, (_, index) => index);

test("bytes are sent unchanged, as a body or in a form, and make separate tasks", async () => {
  const { script, follows } = begin();

  script.crawl("/upload", { callback: "list", data: BYTES });
  script.crawl("/upload", { callback: "list", data: BYTES.subarray(1) });
  script.crawl("/upload", { callback: "list", data: { name: "Jürgen" }, files: { photo: { "ä.png": BYTES }, note: "kurz: ß" } });

  const [whole, , form] = follows().map(({ fetch }) => ({
    type: fetch?.headers?.["content-type"],
    data: fetch?.data as { base64: string },
  }));
  assert.equal(new Set(follows().map(({ taskid }) => taskid)).size, 3);
  assert.deepEqual(Buffer.from(whole?.data.base64 ?? "", "base64"), Buffer.from(BYTES));
  const body = Buffer.from(form?.data.base64 ?? "", "base64");
  const parsed = await new globalThis.Response(body, { headers: { "content-type": form?.type ?? "" } }).formData();
  const photo = parsed.get("photo") as File;
  assert.deepEqual([parsed.get("name"), photo.name, await (parsed.get("note") as File).text()], ["Jürgen", "ä.png", "kurz: ß"]);
  assert.deepEqual(new Uint8Array(await photo.arrayBuffer()), BYTES);
});

test("if a run creates several tasks with one id, the first counts", () => {
  const { script, follows } = begin();

  script.crawl(["http://a.test/1", "http://a.test/2", "http://a.test/1"], { callback: "list", save: 1 });
  script.crawl("http://a.test/1", { callback: "list", save: 2 });

  assert.deepEqual(
    follows().map(({ url, save }) => [url, save]),
    [
      ["http://a.test/1", 1],
      ["http://a.test/2", 1],
    ],
  );
});

test("relative URLs are resolved against the page, and params come before the fragment", () => {
  const { script, follows } = begin();

  script.crawl("next?a=1#end", { callback: "list", params: { b: 2, c: "ä" }, keepFragment: true });

  assert.equal(follows()[0]?.url, "http://a.test/folder/next?a=1&b=2&c=%C3%A4#end");
});

test("everything after the comma of a data: URL is data, a # too", () => {
  const { script, follows } = begin();

  script.crawl("data:text/html,<a href='#top'>x</a>", { callback: "list" });

  const [url = ""] = follows().map((follow) => follow.url);
  assert.equal(decodeURIComponent(url), "data:text/html,<a href='#top'>x</a>");
  assert.ok(!url.includes("#"), url);
});

test("links to places of one page are one task, unless keepFragment is set", () => {
  const { script, follows } = begin();

  script.crawl(["page", "page#one", "page#two"], { callback: "list" });
  script.crawl(["page#/a", "page#/b"], { callback: "list", keepFragment: true });

  assert.deepEqual(
    follows().map(({ url }) => url),
    ["http://a.test/folder/page", "http://a.test/folder/page#/a", "http://a.test/folder/page#/b"],
  );
});

test("an apostrophe in params is written as in URLs, so that crawling the URL again gives the same task", () => {
  const { script, follows } = begin();

  script.crawl("http://a.test/", { callback: "list", params: { q: "it's" } });
  script.crawl("http://a.test/?q=it's", { callback: "list" });

  assert.deepEqual(
    follows().map(({ url }) => url),
    ["http://a.test/?q=it%27s"],
  );
});

for (const [href, url] of [
  ["http://a.test:80/x", "http://a.test/x"],
  ["http://a.test/a/../x", "http://a.test/x"],
  ["http://a.test/a/%2E%2e", "http://a.test/"],
  ["http://2130706433/x", "http://127.0.0.1/x"],
  ["http://0x7f.1/x", "http://127.0.0.1/x"],
  ["http://1.2.3.256/x", undefined],
]) {
  test(`an element with the link ${href} ${url ? `is the task of ${url}` : "is ignored"}`, () => {
    const { script, follows } = begin();

    script.crawl({ attribs: { href } } as never, { callback: "list" });

    assert.equal(follows()[0]?.url, url);
  });
}

test("link elements are crawled, and those without an http link are ignored", () => {
  const { script, follows } = begin();
  const links = [{ href: "http://a.test/1" }, { href: "mailto:a@b.test" }, {}, { src: "http://a.test/2.png" }];

  script.crawl(
    links.map((attribs) => ({ attribs }) as { attribs: Record<string, string> }),
    { callback: "list" },
  );

  assert.deepEqual(
    follows().map(({ url }) => url),
    ["http://a.test/1", "http://a.test/2.png"],
  );
});

test("a link that the page does not have is skipped, alone or among others", () => {
  const { script, follows } = begin();

  script.crawl(undefined, { callback: "list" });
  script.crawl(null, { callback: "list" });
  script.crawl([undefined, "http://a.test/", null], { callback: "list" });

  assert.deepEqual(
    follows().map(({ url }) => url),
    ["http://a.test/"],
  );
});

test("crawl() accepts a curl command, alone or among URLs", () => {
  const { script, follows } = begin();

  script.crawl("curl 'http://b.test/' -H 'Accept: a' --data-raw 'x=1'", { callback: "list", headers: { "x-own": "1" } });
  script.crawl(["http://c.test/", "curl http://d.test/"], { callback: "list" });

  assert.deepEqual(
    follows().map(({ url }) => url),
    ["http://b.test/", "http://c.test/", "http://d.test/"],
  );
  assert.deepEqual(follows()[0]?.fetch, { headers: { Accept: "a", "x-own": "1" }, data: "x=1" });
  assert.throws(() => script.crawl("curl --nonsense http://b.test/", { callback: "list" }), /does not support .*: --nonsense/);
});

for (const proxy of ["http://a:1", "https://u:p@a", ["socks5://a", "http://b/"], false] as const) {
  test(`crawl() accepts ${JSON.stringify(proxy)} as a proxy`, () => {
    const { script, follows } = begin();

    script.crawl("http://a.test/", { callback: "list", proxy });

    assert.deepEqual(follows()[0]?.fetch?.proxy, proxy);
  });
}

test("the option userAgent takes precedence over headers", () => {
  const { script, follows } = begin();

  script.crawl("/1", { callback: "list", userAgent: "mine", headers: { accept: "a" } });
  script.crawl("/2", { callback: "list", headers: { accept: "a" }, userAgent: "mine" });
  script.crawl("curl http://a.test/3 -A copied -H 'accept: a'", { callback: "list", userAgent: "mine" });

  for (const { fetch } of follows()) assert.deepEqual(fetch?.headers, { "user-agent": "mine", accept: "a" });
});

test("headers keep their spelling and replace one with the same name in another", () => {
  const { script, follows } = begin();

  script.crawl("/", { callback: "detail", headers: { "X-From": "call" } });

  assert.deepEqual(follows()[0]?.fetch?.headers, { "X-From": "call", "x-too": "config" });
});

test("values of headers and cookies are converted to storable texts", () => {
  const { script, follows } = begin();

  script.crawl("/", { callback: "list", headers: { "X-a": "a\0\ud800" }, cookies: { "b\0": "\ud800" } });

  assert.deepEqual(follows()[0]?.fetch, { headers: { "X-a": "a\ufffd\ufffd" }, cookies: { "b\ufffd": "\ufffd" } });
});

test("the parser of the call takes precedence over that of crawlConfig", () => {
  const { script, follows } = begin();
  script.crawlConfig = { parser: "html5" };

  script.crawl("/1", { callback: "list" });
  script.crawl("/2", { callback: "list", parser: "xml" });

  assert.deepEqual(
    follows().map(({ process }) => process),
    [
      { callback: "list", parser: "html5" },
      { callback: "list", parser: "xml" },
    ],
  );
  assert.throws(
    () => script.crawl("/3", { callback: "list", parser: "lxml" as never }),
    /takes as parser "html" or "html5" or "xml", not "lxml"/,
  );
});

test("retries and delays by status are part of the task, with delays in seconds", () => {
  const { script, follows } = begin();

  script.crawl("http://a.test/", { callback: "list", byStatus: { 403: { retries: 0 }, "5xx": { retries: 2, retryDelay: ["10s", "1m"] } } });

  assert.deepEqual(follows()[0]?.schedule?.byStatus, { "403": { retries: 0 }, "5xx": { retries: 2, delays: [10, 60] } });
});
