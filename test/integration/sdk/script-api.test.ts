/** What scripts may write, run in a real sandbox child: what a unit test outside of it cannot show. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { MIB } from "../../../services/core/protocol/byte-units.ts";
import { openPool, pageOf, projectOf } from "../../fixtures/sandbox.ts";

const script = (body: string) =>
  `import { Crawler, catchStatusCodeError, cron, type Response } from "orbweaver";\nexport default class Test extends Crawler {\n${body}\n}\n`;

test("times of day are checked at their declaration, with the calendar of the child", async () => {
  await using pool = openPool();
  const good = await projectOf("good", script(`  @cron("0 4 * * *", { timeZone: "Europe/Berlin" })\n  daily() {}`));
  const bad = await projectOf("bad", script(`  @cron("0 25 * * *")\n  daily() {}`));

  const [fine, broken] = [await pool.run(good("_info")), await pool.run(bad("_info"))];

  assert.deepEqual(fine.info?.cron, [{ callback: "daily", expression: "0 4 * * *", timeZone: "Europe/Berlin" }]);
  assert.match(broken.process.error?.message ?? "", /@cron cannot parse "0 25 \* \* \*": Invalid value for hour: 25 \(bad\.ts:3:\d+\)/);
});

test("onResult receives each result of every kind of callback, and its return value is stored", async () => {
  await using pool = openPool();
  const project = await projectOf(
    "results",
    script(`
  onResult(result: any, response: Response) {
    if (result === "drop") return undefined;
    return { ...super.onResult(result, response, this.task) as object, from: response.url };
  }
  one() { return { n: 1 }; }
  none() {}
  *many() { yield { n: 1 }; yield "drop"; yield { n: 2 }; }
  async later() { return { n: 1 }; }
  async *laterMany() { yield { n: 1 }; return { n: 2 }; }
  onMessage(_project: string, message: unknown) { return { message }; }`),
  );
  const url = "http://a.test/";
  const page = pageOf("", { url, origUrl: url });

  const results = [];
  for (const callback of ["one", "none", "many", "later", "laterMany"]) results.push((await pool.run(project(callback, { page }))).results);
  const message = await pool.run(project("onMessage", { page, save: { project: "other", message: 7 } }));

  const rows = (...numbers: number[]) => numbers.map((n) => JSON.stringify({ n, from: url }));
  assert.deepEqual(results, [rows(1), null, rows(1, 2), rows(1), rows(1, 2)]);
  assert.deepEqual(message.results, [JSON.stringify({ message: 7, from: url })]);
});

test("an unhandled rejection fails only its own task", async () => {
  await using pool = openPool();
  const project = await projectOf(
    "floating",
    script(`
  async log() { throw new Error("boom"); }
  bad() { this.log(); return 1; }
  handled() { this.log().catch(() => {}); return 2; }
  late() { const failed = this.log(); Promise.resolve().then(() => failed.catch(() => {})); return 3; }
  good() { return 4; }`),
  );

  const callbacks = ["good", "bad", "handled", "late", "good", "bad", "good"];
  const results = await Promise.all(callbacks.map((callback) => pool.run(project(callback))));

  assert.deepEqual(
    results.map(({ process, results: rows }) => rows?.[0] ?? process.error?.message),
    ["4", "Error: boom (floating.ts:4:23)", "2", "3", "4", "Error: boom (floating.ts:4:23)", "4"],
  );
});

test("a message to a script without onMessage does not fail", async () => {
  await using pool = openPool();
  const deaf = await projectOf("deaf", script("  page() {}"));

  const { process, results } = await pool.run(deaf("onMessage", { save: { project: "other", message: 7 } }));

  assert.deepEqual([process.ok, results], [true, null]);
});

test("onResult cannot be asynchronous, and its exceptions fail the run", async () => {
  await using pool = openPool();
  const waits = await projectOf("waits", script(`  async onResult() {}\n  page() { return 1; }`));
  const throws = await projectOf("throws", script(`  onResult() { throw new Error("no"); }\n  *page() { yield 1; }`));

  const [waited, thrown] = [await pool.run(waits("page")), await pool.run(throws("page"))];

  assert.match(waited.process.error?.message ?? "", /onResult\(\) must return the value to store, not a promise/);
  assert.match(thrown.process.error?.message ?? "", /Error: no \(throws\.ts:3:\d+\)/);
  assert.deepEqual([waited.results, thrown.results], [null, null]);
});

test("getTaskid computes a script's own ids from the request", async () => {
  await using pool = openPool();
  const project = await projectOf(
    "ids",
    script(`
  getTaskid(task: { url: string; fetch: { data?: string } }) {
    return task.url.includes("default") ? super.getTaskid(task) : task.url.replace(/[?#].*$/, "") + (task.fetch.data ?? "");
  }
  page() {
    this.crawl(["/a?x=1", "/a?x=2", "/b#top", "/default"], { callback: this.page });
    this.crawl("/a", { callback: this.page, data: { q: 1 } });
    this.crawl("/c", { callback: this.page, taskid: "mine" });
  }
  bad() { this.getTaskid = () => "_system"; this.crawl("/a", { callback: this.page }); }`),
  );

  const [good, bad] = [await pool.run(project("page")), await pool.run(project("bad"))];

  assert.deepEqual(
    good.follows.map(({ taskid }) => taskid),
    ["http://site.test/a", "http://site.test/b", "7520fffebe91aa3498ba32cd34343b8a", "http://site.test/aq=1", "mine"],
  );
  assert.match(
    bad.process.error?.message ?? "",
    /getTaskid\(\) returns a text of 1 to 255 characters that does not begin with _, not "_system"/,
  );
});

test("raiseForStatus fails the task like an uncaught error page", async () => {
  await using pool = openPool();
  const project = await projectOf(
    "raises",
    script(`
  @catchStatusCodeError
  page(response: Response) {
    console.log(response.statusCode);
    if (response.statusCode !== 404) response.raiseForStatus();
    return response.statusCode;
  }`),
  );
  const lost = { statusCode: 599, error: { code: "E_DNS", message: "no such host", retryable: true } };

  const ends = [];
  for (const page of [{ statusCode: 200 }, { statusCode: 404 }, { statusCode: 503 }, lost]) {
    ends.push(await pool.run(project("page", { page: pageOf("", page) })));
  }

  assert.deepEqual(
    ends.map(({ results, process }) => [results?.[0], process.error?.code]),
    [
      ["200", undefined],
      ["404", undefined],
      [undefined, "E_PAGE_STATUS"],
      [undefined, "E_DNS"],
    ],
  );
  assert.equal(ends[2]?.process.logs, "503\n");
});

test("xpath works in the child, which cannot compile code from text", async () => {
  await using pool = openPool();
  const project = await projectOf(
    "paths",
    script(`
  page(response: Response) {
    this.crawl(response.xpath("//a"), { callback: this.page });
    return { titles: response.xpath<string>("//h1/text()"), links: response.xpath("count(//a)") };
  }`),
  );

  const { results, follows } = await pool.run(project("page", { page: pageOf("<h1>Hello</h1><a href='/1'>1</a>") }));

  assert.deepEqual(results, [JSON.stringify({ titles: ["Hello"], links: [1] })]);
  assert.deepEqual(
    follows.map(({ url }) => url),
    ["http://site.test/1"],
  );
});

test("a gzip sitemap of 20 MB is read within the child's default memory", async () => {
  await using pool = openPool({ memoryLimitBytes: 256 * MIB, processLimitMs: 30_000 });
  const project = await projectOf(
    "sitemaps",
    script(`
  page({ sitemap }: Response) {
    return { count: sitemap?.urls.length, last: sitemap?.urls.at(-1) };
  }`),
  );
  const entry = (index: number) => `<url><loc>http://a.test/${"x".repeat(350)}${index}</loc><lastmod>2025-01-01</lastmod></url>`;
  const xml = `<urlset>${Array.from({ length: 50_000 }, (_, index) => entry(index)).join("")}</urlset>`;
  assert.ok(xml.length > 20_000_000);

  const { results, process } = await pool.run(project("page", { page: pageOf("", { content: gzipSync(xml) }) }));

  assert.equal(process.error, undefined);
  const { count, last } = JSON.parse(results?.[0] ?? "");
  assert.deepEqual([count, last.url.endsWith("49999"), last.lastmod], [50_000, true, "2025-01-01"]);
});

test("a page's bytes can be a result and be sent to another page", async () => {
  await using pool = openPool();
  const project = await projectOf(
    "bytes",
    script(`
  page({ content }: Response) {
    this.crawl("http://a.test/", { callback: "page", data: content, files: undefined });
    this.crawl("http://b.test/", { callback: "page", files: { field: { "a.bin": content } } });
    return { base64: content.toBase64() };
  }`),
  );
  const content = Buffer.from([0, 1, 127, 128, 255]);

  const { results, follows } = await pool.run(project("page", { page: pageOf("", { content }) }));

  const base64 = content.toString("base64");
  assert.deepEqual(JSON.parse(results?.[0] ?? ""), { base64 });
  assert.deepEqual(follows[0]?.fetch?.data, { base64 });
  const form = follows[1]?.fetch?.data as { base64: string };
  assert.ok(Buffer.from(form.base64, "base64").includes(content));
});

test("printed and thrown texts are kept, whatever their characters", async () => {
  await using pool = openPool();
  const project = await projectOf(
    "odd",
    script(`
  print() { console.log("a\\0b\\ud800"); console.log("x" + "😀".repeat(6_000)); }
  fail() { throw "x" + "😀".repeat(1_000) + "\\0"; }`),
  );

  const [printed, failed] = [await pool.run(project("print")), await pool.run(project("fail"))];

  assert.equal(printed.process.error, undefined);
  assert.match(printed.process.logs, /^(?:😀){4999}\ufffd\n$/u);
  assert.equal(failed.process.error?.code, "E_SCRIPT");
  assert.match(failed.process.error?.message ?? "", /^x(?:😀){999}\ufffd$/u);
});
