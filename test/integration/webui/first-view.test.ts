/** How much a browser downloads until it shows the first page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { KIB } from "../../../services/core/protocol/byte-units.ts";
import { buildPages } from "../../../services/webui/pages-build.ts";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { openTestEmbedded } from "../../fixtures/database.ts";
import { logIn, sees } from "../../fixtures/web-pages.ts";
import { SCRIPT, startTestWebui } from "../../fixtures/webui.ts";

/** Of HTML, scripts, styles and images, as brotli: browsers accept it over HTTPS and on their own machine. */
const FIRST_VIEW_BYTES = 90 * KIB;

/** Bytes of the bodies as they were sent, and the names of the files. */
const DOWNLOADS = `(() => {
  const files = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .filter(({ name }) => !name.includes("/api/"));
  return [files.reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0), files.map(({ name }) => name.replace(/.*\\//, ""))];
})()`;

test("the dashboard downloads at most 90 KiB of the pages' files, and nothing of the other pages", { skip }, async () => {
  assert.ok(await buildPages(() => {}));
  await using store = await openTestEmbedded();
  await using webui = await startTestWebui(store.database);
  await webui.request("PUT", "/projects/books", { script: SCRIPT });
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, webui.url);
  await page.setCacheEnabled(false);

  await page.reload({ waitUntil: "networkidle2" });
  await sees(page, "books");
  const [bytes, files] = (await page.evaluate(DOWNLOADS)) as [number, string[]];

  assert.ok(bytes <= FIRST_VIEW_BYTES, `${bytes} bytes: ${files.join(", ")}`);
  assert.ok(bytes > 30_000, `${bytes} bytes are too few for all files: ${files.join(", ")}`);
  assert.deepEqual(
    files.filter((name) => /script-page|results-page|tasks-page/.test(name)),
    [],
  );
});
