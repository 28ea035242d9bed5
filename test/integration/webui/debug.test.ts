import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Site, startSite } from "../../../demo/site.ts";
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

test("the fifth step at a time is refused until one has ended", async () => {
  const silent = () => debug("  page() {}", { url: `${site.origin}/special/silent`, callback: "page", fetch: { timeout: 5 } });
  const four = Promise.all([silent(), silent(), silent(), silent()]);
  await until("four pages are fetched", async () => (await webui.queues.depth()).scheduler2fetcher.leased === 4);

  const fifth = await silent();

  assert.deepEqual([fifth.status, fifth.json.error.code], [503, "E_DEBUGGER_BUSY"]);
  assert.deepEqual(new Set((await four).map(({ json }) => json.page.error.code)), new Set(["E_FETCH_TIMEOUT"]));
  assert.equal((await debug("  page() {}", { url: `${site.origin}/`, callback: "page" })).status, 200);
});
