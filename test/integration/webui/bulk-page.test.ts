/** The list of projects in a real browser: its filter, and actions on several projects. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { until } from "../../fixtures/until.ts";
import { logIn, sees } from "../../fixtures/web-pages.ts";
import { SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile({ hasPages: true });

beforeEach(() => store.reset());

const statuses = async () =>
  Object.fromEntries((await webui.request("GET", "/projects")).json.map(({ name, status }: Record<string, string>) => [name, status]));

test("what a filter lists is stopped together, and a locked project is named as refused", { skip }, async () => {
  for (const name of ["shop_a", "shop_b", "shop_c", "news"])
    await webui.request("PUT", `/projects/${name}`, { script: SCRIPT, status: "RUNNING", group: name === "shop_c" ? "lock" : "" });
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, webui.url);
  await sees(page, "Queues connected");

  await page.locator("aria/Search projects").fill("shop");
  await page.locator('aria/Select all listed projects[role="checkbox"]').click();
  await sees(page, "3 selected");
  await page.locator('aria/Stop[role="button"]').click();
  await sees(page, "Done: 2. Refused: 1.");
  await sees(page, "shop_c: Project shop_c is locked");

  assert.equal(page.url(), `${webui.url}/?search=shop`);
  assert.deepEqual(await statuses(), { shop_a: "STOP", shop_b: "STOP", shop_c: "RUNNING", news: "RUNNING" });
});

test("of 300 projects only the rows in sight are in the document, and scrolling shows the others", { skip }, async () => {
  await store.database.exec("insert into projects (name) select 'p' || lpad(n::text, 3, '0') from generate_series(1, 300) as n");
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, webui.url);
  await sees(page, "p001");

  const rows = await page.$$eval("table.projects tbody tr", (found) => found.length);
  await page.evaluate("scrollTo(0, document.body.scrollHeight)");
  await until("the last row is there", () => page.$('[aria-label="Select p300"]'));

  assert.ok(rows < 60, `${rows} rows`);
});
