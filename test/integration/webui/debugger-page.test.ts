/** The debugger in a browser: steps of a script that is not saved, on a real page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../../demo/site.ts";
import { buildPages } from "../../../services/webui/pages-build.ts";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { startCrawlRoles } from "../../fixtures/crawl-roles.ts";
import { openTestEmbedded } from "../../fixtures/database.ts";
import { logIn, sees } from "../../fixtures/web-pages.ts";
import { startTestWebui } from "../../fixtures/webui.ts";

const script = (origin: string) => `import { Crawler, type Response } from "orbweaver";
export default class Books extends Crawler {
  onStart() {
    this.crawl("${origin}/", { callback: this.list });
  }
  list({ doc }: Response) {
    this.crawl(doc("li a"), { callback: this.book });
  }
  book({ doc }: Response) {
    console.log("a book");
    return { title: doc("h1").text() };
  }
}
`;

test("a user steps from onStart to a page's result, sees the page, and tries a selector on it", { skip, timeout: 240_000 }, async () => {
  assert.ok(await buildPages(() => {}));
  await using site = await startSite({ pages: 20 });
  await using store = await openTestEmbedded();
  await using webui = await startTestWebui(store.database);
  await using _roles = startCrawlRoles(webui.queues);
  await using browser = await openBrowser();
  const { page, complaints } = browser;
  page.setDefaultTimeout(60_000);
  await webui.request("PUT", "/projects/books", { script: script(site.origin) });
  await logIn(page, webui.url);
  await page.goto(`${webui.url}/projects/books`);

  await page.locator("aria/Run step").click();
  await page.locator(`aria/Step into ${site.origin}/`).click();
  await page.locator(`aria/Step into ${site.origin}/page/1`).click();
  await sees(page, '"title"');
  await sees(page, "a book");
  await page.locator("aria/Page").click();
  await page.locator("aria/CSS selector to try on this page").fill("li a");
  await sees(page, "20 hits");

  const frame = await (await page.waitForSelector("iframe.preview"))?.contentFrame();
  assert.match(String(await frame?.evaluate("document.body.textContent")), /Page 2/);
  assert.deepEqual(complaints, []);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/debugger.png` });
});
