/** Whether what a page shows stays in its place while the rest of the page loads, in a real browser. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page, Viewport } from "puppeteer-core";
import { openBrowser, skipWithoutChromium as skip } from "../../fixtures/browser.ts";
import { logIn } from "../../fixtures/web-pages.ts";
import { addTwoProjects } from "../../fixtures/webui.ts";
import { openWebuiOfFile } from "../../fixtures/webui-of-file.ts";

const { store, webui } = await openWebuiOfFile({ hasPages: true });

/** Each page, and its part that appears last. */
const PAGES: [path: string, last: string][] = [
  ["/", "::-p-text(Queues connected)"],
  ["/cluster", "::-p-text(all roles)"],
  ["/projects/books", ".code-host"],
  ["/projects/books/results", "::-p-text(part 3)"],
  ["/projects/books/tasks", "::-p-text(books.test/good)"],
  ["/projects/books/tasks?status=FAILED", "::-p-text(books.test/bad)"],
  ["/projects/books/tasks/bad", "::-p-text(Printed by the script)"],
  ["/projects/books/log", "::-p-text(printed by the script)"],
  ["/projects/books/activity", ".u-wrap"],
  ["/projects/books/settings", "::-p-text(Send a message)"],
];
const VIEWPORTS: Viewport[] = [
  { width: 800, height: 600 },
  { width: 1_400, height: 900 },
];

/** Cumulative layout shift, as web.dev/articles/cls counts it; there, up to 0.1 is good. */
const RECORD_SHIFTS = `window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries()) {
      const moved = sources.map(({ node, previousRect: from, currentRect: to }) =>
        (node?.className || node?.nodeName) + " " + from.y + " to " + to.y);
      window.shifts.push({ value, moved });
    }
  }).observe({ type: "layout-shift", buffered: true });`;

/** A line that appears above others is more. */
const LIMIT = 0.02;

/** Nothing has been loaded for a while. The event stream, which stays open, is not in this list. */
const IS_QUIET = `performance.getEntriesByType("resource").every(({ responseEnd }) => performance.now() - responseEnd > 400)`;

interface Shift {
  value: number;
  moved: string[];
}

async function shiftsOf(page: Page, path: string, last: string): Promise<Shift[]> {
  await page.goto(webui.url + path);
  await page.waitForSelector(last);
  await page.waitForFunction(IS_QUIET);
  return (await page.evaluate(
    `new Promise(requestAnimationFrame).then(() => new Promise(setTimeout)).then(() => window.shifts)`,
  )) as Shift[];
}

test("no page moves what it shows while the rest of it loads", { skip }, async (t) => {
  await store.reset();
  await addTwoProjects({ database: store.database, request: webui.request });
  await using browser = await openBrowser();
  const { page } = browser;
  await logIn(page, webui.url);
  await page.evaluateOnNewDocument(RECORD_SHIFTS);

  const moving: string[] = [];
  for (const viewport of VIEWPORTS) {
    await page.setViewport(viewport);
    for (const [path, last] of PAGES) {
      const shifts = await shiftsOf(page, path, last);
      const sum = shifts.reduce((total, { value }) => total + value, 0);
      t.diagnostic(`${path} at ${viewport.width}: ${sum.toFixed(3)}`);
      if (sum > LIMIT) moving.push(`${path} at ${viewport.width}: ${sum.toFixed(3)}: ${shifts.flatMap(({ moved }) => moved).join(", ")}`);
    }
  }

  assert.deepEqual(moving, []);
});
