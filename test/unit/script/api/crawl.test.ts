import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { beginRun, Crawler, infoOf } from "../../../../services/script/api/crawler.ts";
import {
  catchesStatusCodeError,
  catchStatusCodeError,
  config,
  cron,
  every,
  everySecondsOf,
} from "../../../../services/script/api/decorators.ts";
import type { Response } from "../../../../services/script/api/response.ts";
import { type Job, Run } from "../../../../services/script/api/run.ts";
import { connectTestHost } from "../../../fixtures/script-host.ts";

connectTestHost();
const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const page = { url: "http://a.test/folder/page", origUrl: "http://a.test/", statusCode: 200, headers: {}, cookies: {}, timeMs: 1 };

class Script extends Crawler {
  override crawlConfig = { age: "1d", priority: 1, headers: { "x-from": "crawlConfig" }, processTimeLimit: "5s" };
  list(_response: Response) {}
  detail(_response: Response) {}
  daily() {}
  nightly() {}
}
// Decorators by hand: Node's type stripping leaves their syntax alone.
const context = {} as ClassMethodDecoratorContext;
config({ age: "10d", retries: 5, headers: { "x-from": "config", "x-too": "config" }, timeout: "30s" })(Script.prototype.detail, context);
every({ hours: 24 })(Script.prototype.daily, context);
cron("0 16 * * *")(Script.prototype.nightly, context);
cron(" 0  4 * * * ", { timeZone: "Europe/Berlin" })(Script.prototype.nightly, context);

function begin(job: Partial<Job> = {}) {
  const run = new Run({
    project: "p",
    taskid: "t",
    url: page.origUrl,
    callback: "list",
    debug: false,
    retried: 0,
    allowRedirects: true,
    page,
    ...job,
  });
  beginRun(run);
  const script = new Script();
  return { run, script, follows: () => [...run.follows.values()] };
}

test("a URL becomes a task whose id is its MD5", () => {
  const { script, follows } = begin();

  script.crawl(" http://Bücher.test/ä?q=ö#part ", { callback: script.list });

  assert.deepEqual(follows(), [
    {
      taskid: md5("http://xn--bcher-kva.test/%C3%A4?q=%C3%B6#part"),
      url: "http://xn--bcher-kva.test/%C3%A4?q=%C3%B6#part",
      schedule: { age: 86_400, priority: 1 },
      process: { callback: "list", processTimeLimit: 5 },
    },
  ]);
});

test("what the call says wins over @config, and that over crawlConfig", () => {
  const { script, follows } = begin();

  script.crawl("http://a.test/", { callback: "detail", retries: 0, headers: { "x-from": "call" } });

  assert.deepEqual(follows()[0]?.schedule, { age: 864_000, priority: 1, retries: 0 });
  assert.deepEqual(follows()[0]?.fetch, { timeout: 30, headers: { "x-from": "call", "x-too": "config" } });
});

test("a body makes another task of the same URL", () => {
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

test("files go as a form that is the same text each time", () => {
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

test("bytes go as they are, as a body or in a form, and make tasks of their own", async () => {
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

test("of tasks with one id in a run the first counts", () => {
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

test("relative URLs belong to the page, and params come before the fragment", () => {
  const { script, follows } = begin();

  script.crawl("next?a=1#end", { callback: "list", params: { b: 2, c: "ä" } });

  assert.equal(follows()[0]?.url, "http://a.test/folder/next?a=1&b=2&c=%C3%A4#end");
});

test("an apostrophe in params is written as URLs have it, so that the URL crawled again is the same task", () => {
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
  test(`an element with the link ${href} ${url ? `is the task of ${url}` : "is passed over"}`, () => {
    const { script, follows } = begin();

    script.crawl({ attribs: { href } } as never, { callback: "list" });

    assert.equal(follows()[0]?.url, url);
  });
}

test("link elements are crawled, those without an http link are passed over", () => {
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
    title: "files that are no texts",
    crawl: (script: Script) => script.crawl("/", { callback: "list", files: { a: { b: 1 } } } as never),
    message: /takes as files an object like/,
  },
  {
    title: "files beside a body that is a text",
    crawl: (script: Script) => script.crawl("/", { callback: "list", files: { a: "x" }, data: "text" }),
    message: /takes as data, beside files, an object of form fields/,
  },
  {
    title: "a window without width",
    crawl: (script: Script) => script.crawl("/", { callback: "list", fetchType: "js", jsViewportWidth: 0 }),
    message: /takes as jsViewportWidth a whole number from 1 to 16384, not 0/,
  },
  { title: "no callback", crawl: (script: Script) => script.crawl("/"), message: /takes as callback a method/ },
  {
    title: "a callback that is no method",
    crawl: (script: Script) => script.crawl("/", { callback: () => 1 }),
    message: /is none: write it as a method/,
  },
  {
    title: "the name of a method that is not there",
    crawl: (script: Script) => script.crawl("/", { callback: "gone" }),
    message: /gone is none/,
  },
  {
    title: "another scheme",
    crawl: (script: Script) => script.crawl("ftp://a.test/", { callback: "list" }),
    message: /http, https and data URLs, not "ftp:/,
  },
  { title: "a URL that is none", crawl: (script: Script) => script.crawl("http://", { callback: "list" }), message: /URLs, not "http:/ },
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
    title: "an id of the platform's",
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

test("crawlConfig has no callback of its own", () => {
  const { script } = begin();
  script.crawlConfig = { callback: "list" } as never;

  assert.throws(() => script.crawl("http://a.test/", { callback: "list" }), /crawlConfig has no option callback/);
});

test("crawl() takes a curl command, alone or among URLs", () => {
  const { script, follows } = begin();

  script.crawl("curl 'http://b.test/' -H 'Accept: a' --data-raw 'x=1'", { callback: "list", headers: { "x-own": "1" } });
  script.crawl(["http://c.test/", "curl http://d.test/"], { callback: "list" });

  assert.deepEqual(
    follows().map(({ url }) => url),
    ["http://b.test/", "http://c.test/", "http://d.test/"],
  );
  assert.deepEqual(follows()[0]?.fetch, { headers: { accept: "a", "x-own": "1" }, data: "x=1" });
  assert.throws(() => script.crawl("curl --nonsense http://b.test/", { callback: "list" }), /does not know --nonsense/);
});

test("how hosts are treated stands in crawlConfig alone", () => {
  const { script } = begin();
  Object.assign(script, { crawlConfig: { hostDelay: "2s", hostConcurrency: 4 } });

  const { hostDelaySeconds, hostConcurrency, fetchDefaults } = infoOf(script);
  script.crawl("http://a.test/", { callback: "list" });

  assert.deepEqual([hostDelaySeconds, hostConcurrency, fetchDefaults], [2, 4, {}]);
  assert.throws(() => script.crawl("http://b.test/", { callback: "list", hostDelay: 2 } as never), /crawl\(\) has no option hostDelay/);
  assert.throws(() => config({ hostConcurrency: 1 } as never), /@config has no option hostConcurrency/);
});

for (const bad of [{ hostDelay: "2d" }, { hostDelay: -1 }, { hostConcurrency: 0 }, { hostConcurrency: 1.5 }]) {
  test(`crawlConfig refuses ${JSON.stringify(bad)}`, () => {
    const { script } = begin();
    script.crawlConfig = bad as never;

    assert.throws(() => infoOf(script), /crawlConfig takes as host/);
  });
}

for (const proxy of ["http://a:1", "https://u:p@a", ["socks5://a", "http://b/"], false] as const) {
  test(`crawl() takes ${JSON.stringify(proxy)} as a proxy`, () => {
    const { script, follows } = begin();

    script.crawl("http://a.test/", { callback: "list", proxy });

    assert.deepEqual(follows()[0]?.fetch?.proxy, proxy);
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

test("names of headers go as they can be kept, like their values", () => {
  const { script, follows } = begin();

  script.crawl("/", { callback: "list", headers: { "x-\0\ud800": "a\0\ud800" } });

  assert.deepEqual(follows()[0]?.fetch?.headers, { "x-\ufffd": "a\ufffd" });
});

test("this.save is what the last run left, and is given back only when it was touched", () => {
  const untouched = begin({ stored: { visits: 1 } });
  const touched = begin({ stored: { visits: 1 } });

  touched.script.save.visits++;

  assert.equal(untouched.run.stored, undefined);
  assert.deepEqual(touched.run.stored, { value: { visits: 2 } });
});

test("a script's info has its fetch defaults, delays and intervals", () => {
  const { script } = begin();
  script.retryDelay = ["1s", 60, "1h"];

  assert.deepEqual(infoOf(script), {
    fetchDefaults: { headers: { "x-from": "crawlConfig" } },
    retryDelaySeconds: [1, 60, 3_600],
    every: [{ callback: "daily", seconds: 86_400 }],
    cron: [
      { callback: "nightly", expression: "0 4 * * *", timeZone: "Europe/Berlin" },
      { callback: "nightly", expression: "0 16 * * *", timeZone: "UTC" },
    ],
    hasOnFinished: false,
    takesMessages: false,
  });
});

test("a message names a project and carries any value", () => {
  const { run, script } = begin();

  script.sendMessage("other", { a: 1 });

  assert.deepEqual(run.messages, [{ project: "other", url: "data:,on_message", message: { a: 1 } }]);
  assert.throws(() => script.sendMessage("no name", 1), /takes the name of a project/);
  assert.throws(() => script.sendMessage("other", 1, "\0"), /takes a URL of 1 to/);
});

test("@every adds up its parts and refuses what is no whole second", () => {
  const method = () => {};

  every({ minutes: 1, seconds: 30 })(method, context);

  assert.equal(everySecondsOf(method), 90);
  for (const bad of [{ weeks: 1 }, { seconds: 0.5 }, "0s", "soon", { hours: -1 }]) assert.throws(() => every(bad as never), /@every takes/);
});

test("a method of the class hides what decorators say of an inherited one of its name", () => {
  begin();
  class Heir extends Script {
    override daily() {}
  }

  const { every: intervals, cron: times } = infoOf(new Heir());

  assert.deepEqual(intervals, []);
  assert.equal(times?.length, 2);
});

test("@cron refuses what is no time, what never comes, and unknown zones and options", () => {
  assert.throws(() => cron("25 * * *"), /@cron takes times like/);
  assert.throws(() => cron("0 0 31 2 *"), /@cron never comes/);
  assert.throws(() => cron("0 4 * * *", { timeZone: "Mars" }), /@cron knows no time zone "Mars"/);
  assert.throws(() => cron("0 4 * * *", { timezone: "UTC" } as never), /@cron has no option timezone/);
});

test("@catchStatusCodeError marks the method", () => {
  const method = () => {};

  catchStatusCodeError(method, context);

  assert.equal(catchesStatusCodeError(method), true);
  assert.equal(
    catchesStatusCodeError(() => {}),
    false,
  );
});
