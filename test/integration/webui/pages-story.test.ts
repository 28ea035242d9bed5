/** A newcomer's first minutes with the pages of `./orb start`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../../demo/site.ts";
import { readToken } from "../../../services/core/runtime/token.ts";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { siteScript } from "../../fixtures/site-script.ts";
import { startEverything } from "../../fixtures/started-orb.ts";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { inShadow, pressWithControl, scriptEditor } from "../../fixtures/web-pages.ts";

test("a new user logs in, creates a project, fixes its script at the reported place, runs it and sees results arrive", {
  skip,
  timeout: 180_000,
}, async () => {
  using directory = temporaryDirectory();
  await using site = await startSite({ pages: 20 });
  await using orb = await startEverything(directory.path);
  await using browser = await openBrowser();
  const { page, complaints } = browser;
  const sees = (text: string) => page.waitForSelector(`::-p-text(${text})`, { visible: true });
  const editor = scriptEditor(page, "site");
  const script = siteScript(site.origin).trimStart();

  await page.goto(orb.url);
  await page.locator("aria/Administrator's token").fill(readToken(directory.path));
  await page.keyboard.press("Enter");
  await sees("No projects yet");
  await page.locator("aria/New project").click();
  await page.locator('aria/Name[role="textbox"]').fill("site");
  await page.locator("aria/Create").click();

  await editor.write(script.replace("return {", "return ("));
  await pressWithControl(page, "s");
  await sees("Not saved: 1 problem");
  const place = await (await page.waitForSelector(".problems button"))?.evaluate((button) => button.textContent);
  const mark = await (await inShadow(page, ".cm-problem-text")).evaluate((line) => line.textContent);
  const lineOfReturn = script.slice(0, script.indexOf("return {")).split("\n").length;
  assert.match(place ?? "", new RegExp(`^Line ${lineOfReturn}, column \\d+ Expected`));
  assert.match(mark ?? "", /^Expected/);

  await editor.write(script);
  await page.locator("aria/Save and run").click();
  await sees("Saved; onStart is queued");
  await page.locator('aria/Results[role="link"]').click();
  await page.waitForSelector("table.results");
  await page.locator('aria/Projects[role="link"]').click();
  await page.waitForSelector('svg[aria-label^="site, 5 minutes:"][aria-label*="success"]');

  assert.equal(await page.$eval('select[aria-label="State of site"]', (select) => select.value), "DEBUG");
  // A script that does not compile is answered with status 400, which Chromium notes as an error.
  assert.deepEqual(
    complaints.filter((text) => !text.includes("400")),
    [],
  );
});
