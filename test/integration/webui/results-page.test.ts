/** The page of a project's results in a browser. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { logIn, sees } from "../../fixtures/web-pages.ts";
import { addResults, SCRIPT } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const TIMEOUT = 240_000;
const { store, webui } = await openWebuiOfFile({ hasPages: true });

beforeEach(async () => {
  await store.reset();
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  await addResults(store.database, "books", 70);
});

async function openResults() {
  const browser = await openBrowser();
  browser.page.setDefaultTimeout(60_000);
  await logIn(browser.page, `${webui.url}/projects/books/results`);
  await sees(browser.page, "part 70");
  return browser;
}

const HEADERS = "[...document.querySelectorAll('table.results thead th')].map((cell) => cell.textContent)";

test("results are counted, shown page by page, and found by a search", { skip, timeout: TIMEOUT }, async () => {
  await using browser = await openResults();
  const { page, complaints } = browser;

  await sees(page, "70 results");
  await page.locator("aria/Older →").click();
  await sees(page, "part 20");
  await page.goBack();
  await sees(page, "part 70");
  await page.locator("aria/Search in addresses and results").fill("Part 41");
  await page.keyboard.press("Enter");
  await page.waitForFunction("document.querySelectorAll('table.results tbody').length === 1");
  await sees(page, "part 41");
  await page.locator("aria/Search in addresses and results").fill("nowhere");
  await page.keyboard.press("Enter");
  await sees(page, "Nothing found");

  assert.equal(page.url(), `${webui.url}/projects/books/results?search=nowhere`);
  assert.deepEqual(complaints, []);
});

test("a user chooses columns and their order, and downloads these as CSV for a spreadsheet", { skip, timeout: TIMEOUT }, async () => {
  await using browser = await openResults();
  const { page, complaints } = browser;

  await page.locator("aria/Columns…").click();
  await page.locator("aria/tags").click();
  await page.locator("aria/Move price up").click();
  await page.locator("aria/Move price up").click();
  await page.locator("aria/page").click();
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/results-columns.png` });
  await page.locator("aria/Show these").click();
  await page.waitForFunction(`${HEADERS}.includes("tags") === false`);
  const headers = await page.evaluate(HEADERS);
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/results.png` });
  await page.locator("aria/Export…").click();
  await sees(page, "Only the columns shown: price, title");
  if (process.env.PICTURES) await page.screenshot({ path: `${process.env.PICTURES}/results-export.png` });
  const file = await page.evaluate(
    "fetch(document.querySelector('dialog a[download]').href).then((answer) => answer.bytes()).then((bytes) => new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes))",
  );

  assert.deepEqual(headers, ["Whole result", "price", "title", "stored", "task"]);
  assert.match(String(file), /^\ufeffprice,title\r\n1,"Tom/);
  assert.equal(String(file).match(/Tom/g)?.length, 70);
  assert.deepEqual(complaints, []);
});

test("an export of changes needs its time; a workbook has no choices of CSV", { skip, timeout: TIMEOUT }, async () => {
  await using browser = await openResults();
  const { page, complaints } = browser;
  const hasDownload = () => page.$eval("dialog", (dialog) => dialog.querySelector("a[download]") !== null);

  await page.locator("aria/Export…").click();
  await page.locator("::-p-text(What changed since a time)").click();
  const without = await hasDownload();
  await page.focus("input[type=datetime-local]");
  await page.keyboard.type("11142023");
  await page.keyboard.press("Tab");
  await page.keyboard.type("1100PM");
  await page.waitForSelector("dialog a[download]");
  await (await page.waitForSelector("dialog select"))?.select("xlsx");
  await page.waitForFunction("!document.querySelector('dialog').textContent.includes('byte order mark')");
  const href = await page.evaluate("document.querySelector('dialog a[download]').href");

  assert.equal(without, false);
  assert.match(String(href), /results\?format=xlsx&since=2023-11-1\dT\d\d%3A00%3A00\.000Z$/);
  assert.deepEqual(complaints, []);
});
