import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Site, startSite } from "../../../demo/site.ts";
import { packPage } from "../../../services/core/protocol/kept-page.ts";
import { taskidOfUrl } from "../../../services/core/protocol/taskid.ts";
import { startCrawlRoles } from "../../fixtures/crawl-roles.ts";
import { openTestEmbedded, type TestDatabase } from "../../fixtures/database.ts";
import { until } from "../../fixtures/until.ts";
import { startTestWebui } from "../../fixtures/webui.ts";

let store: TestDatabase;
let webui: Awaited<ReturnType<typeof startTestWebui>>;
let roles: AsyncDisposable;
let site: Site;

before(async () => {
  store = await openTestEmbedded();
  webui = await startTestWebui(store.database);
  roles = startCrawlRoles(webui.queues);
  site = await startSite();
});
after(async () => {
  await roles[Symbol.asyncDispose]();
  await webui[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

const script = (body: string) => `import { Crawler, type Response } from "orbweaver";
export default class Books extends Crawler {
  crawlConfig = { headers: { "x-from": "config" } };
${body}
}`;
const debug = (body: string, task: object = {}) => webui.request("POST", "/projects/books/debug", { script: script(body), ...task });

test("a step runs onStart of a script that is not saved, and returns its follows", async () => {
  const { status, json } = await debug(`  onStart() { console.log("begins"); this.crawl("${site.origin}/page/1", { callback: this.page }); }
  page() {}`);

  assert.equal(status, 200);
  assert.deepEqual(
    json.follows.map((follow: { url: string; process: object }) => [follow.url, follow.process]),
    [[`${site.origin}/page/1`, { callback: "page" }]],
  );
  assert.match(json.process.logs, /begins/);
});

test("a step fetches a page, and returns it with results, logs and times", async () => {
  const { json } = await debug("  page({ doc }: Response) { return { title: doc('h1').text() }; }", {
    url: `${site.origin}/`,
    callback: "page",
  });

  assert.deepEqual(json.results, [{ title: "Home" }]);
  assert.partialDeepStrictEqual(json.page, { url: `${site.origin}/`, statusCode: 200, encoding: "utf-8", isCut: false });
  assert.match(json.page.text, /<h1>Home<\/h1>/);
  assert.equal(json.page.bytes, Buffer.byteLength(json.page.text));
});

test("a step uses the crawlConfig of the text, options of the call, and save", async () => {
  const url = `${site.origin}/special/echo`;
  const { json } = await debug("  page({ json, save }: Response) { return { json, save }; }", {
    ...{ url, callback: "page", save: { depth: 2 } },
    fetch: { method: "POST", headers: { "x-more": "step" }, data: "a=1" },
  });

  const [{ json: seen, save }] = json.results;
  assert.deepEqual(save, { depth: 2 });
  assert.partialDeepStrictEqual(seen, { method: "POST", headers: { "x-from": "config", "x-more": "step" }, body: "a=1" });
});

test("an error of the callback has its line", async () => {
  const { status, json } = await debug('  page() { throw new Error("no price"); }', { url: `${site.origin}/`, callback: "page" });

  assert.equal(status, 200);
  assert.match(json.process.error.message, /no price \(books\.ts:4:/);
});

test("a script that fails when it is loaded returns that error", async () => {
  const { json } = await webui.request("POST", "/projects/books/debug", { script: `throw new Error("at once");\n${script("")}` });

  assert.equal(json.process.ok, false);
  assert.match(json.process.error.message, /at once/);
});

test("a script that does not compile is refused with its line, and a page that cannot be reached is an error of the page", async () => {
  const refused = await webui.request("POST", "/projects/books/debug", { script: "export default class {" });
  const { json } = await debug("  page() {}", { url: "http://127.0.0.1:1/", callback: "page" });

  assert.equal(refused.status, 400);
  assert.match(refused.json.error.problems[0].path, /^books\.ts:\d+:/);
  assert.equal(json.page.statusCode, 599);
  assert.match(json.page.error.message, /127\.0\.0\.1/);
});

test("a step stores nothing and leaves nothing in the queues", async () => {
  await debug('  page() { this.sendMessage("other", 1); return 1; }', { url: `${site.origin}/`, callback: "page" });

  const counts = await store.database.query<{ rows: number }>(
    "select (select count(*) from tasks) + (select count(*) from results) + (select count(*) from inbox) + (select count(*) from projects) as rows",
  );
  assert.equal(Number(counts[0]?.rows), 0);
  for (const [queue, depth] of Object.entries(await webui.queues.depth())) assert.deepEqual(depth, { ready: 0, leased: 0 }, queue);
});

test("a step runs on the stored page in place of a fetch, and on none if none is stored", async () => {
  const url = `${site.origin}/gone`;
  const title = "  page({ doc }: Response) { return doc('h1').text(); }";
  const packed = await packPage({
    ...{ url, origUrl: url, statusCode: 200, headers: { "content-type": "text/html" }, cookies: {}, timeMs: 3 },
    content: Buffer.from("<h1>As it was</h1>"),
  });
  await store.database.query("insert into kept_pages values ('books', $1, decode($2, 'base64'), 1, 1234)", [taskidOfUrl(url), packed]);
  const requests = new Map(site.requests);

  const stored = await debug(title, { url, callback: "page", page: "stored" });
  const byId = await debug(title, { url: "data:,x", callback: "page", page: "stored", taskid: taskidOfUrl(url) });
  const none = await debug(title, { url: `${site.origin}/`, callback: "page", page: "stored" });
  await store.database.exec("delete from kept_pages");

  assert.deepEqual([stored.json.results, byId.json.results], [["As it was"], ["As it was"]]);
  assert.partialDeepStrictEqual(stored.json.page, { url, storedAt: 1234, text: "<h1>As it was</h1>" });
  assert.deepEqual([none.status, none.json.error.code], [404, "E_NOT_FOUND"]);
  assert.deepEqual(site.requests, requests);
});

test("two steps of a user run at a time, and the next one waits for a place", async () => {
  const silent = () => debug("  page() {}", { url: `${site.origin}/special/silent`, callback: "page", fetch: { timeout: 2 } });
  const two = Promise.all([silent(), silent()]);
  await until("two pages are fetched", async () => (await webui.queues.depth()).scheduler2fetcher.leased === 2);

  const third = debug("  page() { return 1; }", { url: `${site.origin}/`, callback: "page" });
  const first = await Promise.race([third.then(() => "third"), two.then(() => "two")]);

  assert.equal(first, "two");
  assert.deepEqual((await third).json.results, [1]);
});
