/** The debugger's tools in a browser: stored tasks, selectors, the preview of a hostile page, and running tasks again with an edit. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import { packPage } from "../../../services/core/protocol/kept-page.ts";
import { buildPages } from "../../../services/webui/pages-build.ts";
import { type BrowserPage, openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { startCrawlRoles } from "../../fixtures/crawl-roles.ts";
import { openTestEmbedded, type TestDatabase } from "../../fixtures/database.ts";
import { until } from "../../fixtures/until.ts";
import { logIn, pressWithControl, scriptEditor, sees } from "../../fixtures/web-pages.ts";
import { startTestWebui } from "../../fixtures/webui.ts";

const SCRIPT = `import { Crawler, type Response } from "orbweaver";
export default class Books extends Crawler {
  crawlConfig = { metaRefresh: false };
  book({ doc }: Response) {
    return { title: doc("h1").text(), price: Number(doc(".price").text()) };
  }
}
`;
const BOOK = `<h1>On Rain</h1><ul><li class="price">16</li><li class="shelf"><a href="/b">B</a></li></ul><table><tr><td>cell</td></tr></table>`;

/** A page that tries all that a preview must not do; `\${origin}` is a server that counts. */
const hostile = (origin: string) => `<html><head><title>h</title>
  <script>parent.document.title = "taken"; fetch("${origin}/fetch");</script><script src="${origin}/script"></script>
  <meta http-equiv="refresh" content="0;url=${origin}/refresh"><base href="${origin}/base/">
  <link rel="stylesheet" href="${origin}/css"><link rel="preconnect" href="${origin}"><link rel="prefetch" href="${origin}/prefetch">
  <link rel="dns-prefetch" href="${origin}"><link rel="icon" href="${origin}/icon"><style>@import "${origin}/import"; h1 { background: url(${origin}/background) }</style>
  </head><body onload="location='${origin}/onload'" background="${origin}/body"><h1 style="background:url(${origin}/style)">Hostile</h1>
  <img src="${origin}/img" srcset="${origin}/srcset 2x" onerror="parent.document.title='taken'"><img src="/api/v1/projects">
  <iframe src="${origin}/iframe"></iframe><iframe srcdoc="<script>top.document.title='taken'</script>"></iframe><object data="${origin}/object"></object><embed src="${origin}/embed">
  <video poster="${origin}/poster" src="${origin}/video"></video><audio src="${origin}/audio"></audio><input type="image" src="${origin}/input">
  <svg><image href="${origin}/svg"/><use href="${origin}/use#a"/><script>parent.document.title='taken'</script></svg><math href="javascript:1"></math>
  <form action="${origin}/form"><button id="send">Send</button></form><a id="out" href="${origin}/link" target="_top" ping="${origin}/ping">Out</a>
  <a id="js" href="javascript:parent.document.title='taken'">JS</a></body></html>`;

let store: TestDatabase;
let webui: Awaited<ReturnType<typeof startTestWebui>>;
let roles: AsyncDisposable;
let browser: BrowserPage;
/** Paths that were requested. */
const requested: string[] = [];
const site = createServer((request, response) => {
  requested.push(request.url ?? "");
  const html = request.url === "/hostile" ? hostile(origin()) : BOOK;
  response.writeHead(200, { "content-type": "text/html", "access-control-allow-origin": "*" }).end(html);
});
const origin = () => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

before(async () => {
  if (skip) return;
  assert.ok(await buildPages(() => {}));
  await new Promise<void>((listening) => site.listen(0, "127.0.0.1", listening));
  store = await openTestEmbedded();
  webui = await startTestWebui(store.database);
  roles = startCrawlRoles(webui.queues);
  browser = await openBrowser();
  browser.page.setDefaultTimeout(60_000);
  await webui.request("PUT", "/projects/books", { script: SCRIPT, status: "RUNNING" });
  await addBook("a", { title: "On Rain", price: 15 });
  await logIn(browser.page, webui.url);
});
after(async () => {
  if (skip) return;
  await browser[Symbol.asyncDispose]();
  await roles[Symbol.asyncDispose]();
  await webui[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  site.closeAllConnections();
  site.close();
});

/** A task that ended with this result, and its page, kept. */
async function addBook(taskid: string, result: object) {
  const url = `${origin()}/${taskid}`;
  await store.database.query(
    `insert into tasks (project, taskid, url, status, process, updatetime, lastcrawltime)
     values ('books', $1, $2, 2, '{"callback":"book"}', 1, 1)`,
    [taskid, url],
  );
  await store.database.query(
    "insert into results (project, taskid, index, url, result, updatetime) values ('books', $1, 0, $2, $3::json, 1)",
    [taskid, url, JSON.stringify(result)],
  );
  const packed = await packPage({
    ...{ url, origUrl: url, statusCode: 200, headers: { "content-type": "text/html" }, cookies: {}, timeMs: 1 },
    content: Buffer.from(BOOK.replace(">16<", ">17<")),
  });
  await store.database.query("insert into kept_pages values ('books', $1, decode($2, 'base64'), 1, 1234)", [taskid, packed]);
}

const picture = async (name: string) => {
  if (process.env.PICTURES) await browser.page.screenshot({ path: `${process.env.PICTURES}/${name}.png`, fullPage: true });
};
const click = (name: string) => browser.page.locator(`aria/${name}`).click();
const previewed = async () => {
  const frame = await (await browser.page.waitForSelector("iframe.preview"))?.contentFrame();
  assert.ok(frame);
  return frame;
};

test("a stored task is opened in the debugger, and its results are compared with the stored ones", { skip, timeout: 240_000 }, async () => {
  const { page, complaints } = browser;
  await page.goto(`${webui.url}/projects/books/tasks/a`);
  await click("Debug");
  await sees(page, `${origin()}/a`);

  await click("Run step");
  await sees(page, "fetched in");
  await click("Changes");
  await sees(page, "result 0: changed");
  const live = await page.$eval(".result-changes", (list) => list.textContent);
  await page.select('select[aria-label="Where pages come from"]', "stored");
  await click("Run step");
  await page.waitForFunction(`document.querySelector('.result-changes ins')?.textContent === '17'`);
  await picture("debugger-changes");
  await click("Undo the last step");
  await page.waitForFunction(`document.querySelector('.result-changes ins')?.textContent === '16'`);

  assert.match(String(live), /price\s*15\s*16/);
  assert.deepEqual(complaints, []);
});

test("hits of CSS and XPath are marked in the preview, and a chosen element becomes a selector in the script", {
  skip,
  timeout: 240_000,
}, async () => {
  const { page, complaints } = browser;
  const marked = async () => (await previewed()).$$eval("mark", (marks) => marks.map((one) => one.textContent));
  await click("Page");

  await page.locator("aria/CSS selector to try on this page").fill("h1, tr");
  await sees(page, "2 hits");
  const css = await marked();
  await page.select('select[aria-label="Kind of selector"]', "XPath");
  await page.locator("aria/XPath expression to try on this page").fill("//a/@href");
  await sees(page, "/b");
  const xpath = await marked();
  await picture("debugger-page");
  await click("Elements");
  await click("Elements in <ul>");
  await page.locator(".element-tree > li > ul > li:nth-child(2) > ul > li:nth-child(1) > button").click();
  await picture("debugger-elements");

  assert.deepEqual([css, xpath], [["On Rain", "cell"], ["B"]]);
  assert.equal(
    await page.$eval('input[aria-label="CSS selector to try on this page"]', (input) => (input as unknown as { value: string }).value),
    "li.price",
  );
  const editor = scriptEditor(page, "books");
  const isWritten = async () => (await editor.text()).includes('response.doc("li.price")');
  await click("Insert");
  await until("the script has the selector", isWritten);
  await pressWithControl(page, "z");
  await until("the script is as before", async () => !(await page.$eval("body", (body) => body.textContent))?.includes("Unsaved changes"));
  assert.deepEqual(complaints, []);
});

test("the preview of a hostile page runs nothing, loads nothing and leads nowhere", { skip, timeout: 240_000 }, async () => {
  const { page, complaints } = browser;
  await page.goto(`${webui.url}/projects/books`);
  await page.locator("aria/URL of a step").fill(`${origin()}/hostile`);
  await page.locator("aria/Callback of a step").fill("book");
  await click("Run URL");
  await sees(page, "fetched in");
  const title = await page.title();
  requested.splice(0);
  const frames: string[] = [];
  page.on("framenavigated", (frame) => frames.push(frame.url()));
  const loaded: string[] = [];
  page.on("request", (request) => loaded.push(request.url()));

  await click("Page");
  const frame = await previewed();
  await frame.waitForSelector("#js");
  for (const id of ["send", "out", "js"]) await frame.$eval(`#${id}`, (element) => (element as unknown as { click(): void }).click());
  await picture("debugger-hostile");
  // Whatever the page began would have begun before an answer to a later request.
  await page.evaluate(() => fetch("/api/v1/session"));

  assert.deepEqual(requested, []);
  assert.deepEqual(
    loaded.filter((url) => !url.endsWith("/session") && url !== "about:srcdoc" && !url.includes("/api/v1/")),
    [],
  );
  assert.deepEqual(new Set(frames), new Set(["about:srcdoc"]));
  assert.equal(await page.title(), title);
  // The policy also applies to the parsed copy, which does nothing.
  const blocked = /The action has been blocked\.$|^Blocked form submission/;
  assert.deepEqual(
    complaints.splice(0).filter((complaint) => !blocked.test(complaint)),
    [],
  );
});

test("an edit is tried on a sample, then saved, and the tasks run again from their stored pages", { skip, timeout: 240_000 }, async () => {
  const { page, complaints } = browser;
  await page.goto(`${webui.url}/projects/books`);
  await click("Run again…");
  await sees(page, "1 task has run and would run again. The page of 1 is stored.");

  await page.select('select[aria-label="Pages of the rerun"]', "stored");
  await click("Try on 1");
  await sees(page, "1 changed");
  await page.locator(".rerun-sample summary").click();
  await sees(page, "17");
  await picture("rerun");
  await page.locator(".rerun-panel button.primary").click();
  await sees(page, "Saved; the tasks run again");

  const asked = await store.database.query<{ request: { kind: string } }>("select request from inbox order by id desc limit 1");
  assert.deepEqual(asked[0]?.request, { kind: "rerunSelected", project: "books", selection: {}, keptPages: true });
  assert.deepEqual(complaints, []);
});

test("a pinned step is there again after a reload", { skip, timeout: 240_000 }, async () => {
  const { page, complaints } = browser;
  await page.locator("aria/URL of a step").fill(`${origin()}/pinned`);
  await page.locator("aria/Callback of a step").fill("book");
  await click("Run URL");
  await click(`Pin the step book ${origin()}/pinned`);
  await sees(page, "pinned");

  await page.reload();

  await sees(page, `${origin()}/pinned`);
  assert.deepEqual(complaints, []);
});
