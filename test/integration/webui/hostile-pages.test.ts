/** The debugger's preview of hostile pages, in a browser: it reaches no server and runs nothing. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { buildPages } from "../../../services/webui/pages-build.ts";
import { type BrowserPage, openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { startCrawlRoles } from "../../fixtures/crawl-roles.ts";
import { openTestEmbedded } from "../../fixtures/database.ts";
import { hostilePages } from "../../fixtures/hostile-pages.ts";
import { until } from "../../fixtures/until.ts";
import { logIn } from "../../fixtures/web-pages.ts";
import { startTestWebui } from "../../fixtures/webui.ts";

const SCRIPT = `import { Crawler } from "orbweaver";
export default class Hostile extends Crawler {
  // The preview must meet the refresh, not the fetcher.
  crawlConfig = { metaRefresh: false };
  page() {}
}
`;

/** A server that serves HTML by path and remembers what reaches it; `*` is served for every other path. */
async function startRecorder(htmlOf: (path: string) => string) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(htmlOf(decodeURIComponent(request.url ?? "/")));
  });
  server.on("connection", () => seen.push("connection"));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return {
    seen,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

/** Runs a step on a page, waits for its preview, and clicks there what the page wants to be clicked. */
async function preview({ page }: BrowserPage, url: string, name: string) {
  await page.locator("aria/URL of a step").fill(url);
  await page.locator("aria/Callback of a step").fill("page");
  await page.locator("aria/Run URL").click();
  const selector = `iframe[title="Preview of ${url}"]`;
  // The tab may still be that of the step before.
  await until(
    `${name} has a preview`,
    async () => {
      await page.evaluate("[...document.querySelectorAll('[role=tab]')].find((tab) => tab.textContent === 'Page')?.click()");
      return (await page.$(selector)) !== null;
    },
    120_000,
  );
  const frame = await (await page.$(selector))?.contentFrame();
  // Without scripts a frame has no observers and timers: it is asked from outside.
  await until(`${name} is shown`, async () =>
    String(await frame?.evaluate("document.documentElement.textContent")).includes(`end of ${name}`),
  );
  await (await frame?.$("#go"))?.click().catch(() => {});
  // What a page starts is sent within a few turns of its frame.
  await page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))");
}

test("the preview of a hostile page reaches no server, runs nothing and opens nothing", { skip, timeout: 600_000 }, async () => {
  assert.ok(await buildPages(() => {}));
  await using canary = await startRecorder(() => "<h1>reached</h1>");
  const pages = hostilePages(canary.origin);
  await using site = await startRecorder((path) => Object.values(pages)[Number(path.slice(1))] ?? "");
  await using store = await openTestEmbedded();
  await using webui = await startTestWebui(store.database);
  await using _roles = startCrawlRoles(webui.queues);
  await using browser = await openBrowser();
  const { page } = browser;
  page.setDefaultTimeout(60_000);
  const opened: string[] = [];
  page.on("dialog", (dialog) => {
    opened.push(dialog.message());
    void dialog.dismiss();
  });
  await webui.request("PUT", "/projects/hostile", { script: SCRIPT });
  await logIn(page, `${webui.url}/projects/hostile`);
  page.browser().on("targetcreated", (target) => opened.push(target.url()));
  // A request that a policy refuses is announced too, but has no answer.
  page.on("response", (response) => {
    if (response.url().includes("canary")) opened.push(response.url());
  });
  const reached: Record<string, string[]> = {};

  for (const [place, name] of Object.keys(pages).entries()) {
    await preview(browser, `${site.origin}/${place}`, name);
    const all = [...canary.seen.splice(0), ...opened.splice(0)];
    if (all.length > 0) reached[name] = all;
    assert.equal(page.url(), `${webui.url}/projects/hostile`, name);
  }

  assert.deepEqual(reached, {});
});
