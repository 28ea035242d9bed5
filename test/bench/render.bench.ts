/**
 * Question: how many small pages a second does one renderer render, beside puppeteer alone?
 * Workload: pages of 5 KB on loopback, without scripts, one project; for each number of tabs `PAGES` (200) by each of three, in turns, three times:
 *           our renderer; puppeteer with a tab that is used again and not emptied; puppeteer with a browser context for each page.
 * Run:      node_modules/.bin/node test/bench/render.bench.ts [PAGES] [TABS…]
 * Reports:  a JSON line for each number of tabs: pages/s of each (median, least, most), and ours by theirs (median of the ratios).
 * Compare:  at least 15 pages/s on two cores. Puppeteer with a tab used again is the limit; it keeps cookies and storage from page to page, and
 *           waits for the load event only. Ours also waits until the page is quiet (services/renderer/quiet.ts).
 * Not:      pages with scripts, images or slow servers.
 */
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { MIB } from "../../services/core/protocol/byte-units.ts";
import { createLog } from "../../services/core/runtime/log.ts";
import { findChromium } from "../../services/renderer/find-chromium.ts";
import { renderRequest } from "../../services/renderer/render-request.ts";
import { createRenderer } from "../../services/renderer/renderer.ts";
import { rendererDefaults } from "../../services/renderer/settings.ts";
import { type Figures, ratios, spreads } from "./figures.ts";
import { startBenchSite } from "./site.ts";

const TURNS = 3;
const SITE_PAGES = 1_000;
/** Enough for eight tabs, so that the number of tabs is what differs. */
const MEMORY_LIMIT_BYTES = 800 * MIB;
const [pages = 200, ...tabCounts] = process.argv.slice(2).map(Number);

await using site = await startBenchSite(SITE_PAGES);
for (const tabs of tabCounts.length === 0 ? [1, 2, 4, 8] : tabCounts) {
  const samples = { ours: [] as Figures[], reusedTabs: [] as Figures[], contexts: [] as Figures[] };
  for (let turn = 0; turn < TURNS; turn++) {
    samples.ours.push(await ours(tabs));
    samples.reusedTabs.push(await alone(tabs, reusedTabs));
    samples.contexts.push(await alone(tabs, contextForEach));
  }
  const oursBy = (theirs: Figures[]) => ratios(samples.ours, theirs, ["pagesPerSecond"]).pagesPerSecond;
  const byTheirs = { reusedTabs: oursBy(samples.reusedTabs), contexts: oursBy(samples.contexts) };
  const speeds = Object.fromEntries(Object.entries(samples).map(([name, figures]) => [name, spreads(figures).pagesPerSecond]));
  process.stdout.write(`${JSON.stringify({ tabs, pages, pagesPerSecond: speeds, oursByTheirs: byTheirs })}\n`);
}

async function ours(tabs: number): Promise<Figures> {
  const settings = { ...rendererDefaults, tabs, memoryLimitBytes: MEMORY_LIMIT_BYTES, allowAddresses: ["127.0.0.0/8"] };
  await using renderer = createRenderer(settings, createLog("bench", "silent"));
  return await timed(tabs, async (url) => {
    const page = await renderer.render(renderRequest.parse({ url, project: "bench", timeoutMs: 20_000, maxBodyBytes: MIB }));
    if (page.statusCode !== 200) throw new Error(`a page failed: ${page.error?.message}`);
  });
}

type Render = (url: string) => Promise<void>;

async function alone(tabs: number, renderWith: (browser: Browser) => Render): Promise<Figures> {
  const browser = await puppeteer.launch({
    executablePath: findChromium(undefined, process.env.PATH ?? ""),
    pipe: true,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    return await timed(tabs, renderWith(browser));
  } finally {
    await browser.close();
  }
}

function reusedTabs(browser: Browser): Render {
  const idle: Page[] = [];
  return async (url) => {
    const page = idle.pop() ?? (await browser.newPage());
    await load(page, url);
    idle.push(page);
  };
}

function contextForEach(browser: Browser): Render {
  return async (url) => {
    const context = await browser.createBrowserContext();
    await load(await context.newPage(), url);
    await context.close();
  };
}

async function load(page: Page, url: string): Promise<void> {
  await page.goto(url);
  if (!(await page.content()).includes("</html>")) throw new Error(`${url} has no end`);
}

/** Renders by `tabs` loops, after one page of each that is not counted. */
async function timed(tabs: number, render: Render): Promise<Figures> {
  const urls = Array.from({ length: pages + tabs }, (_, n) => new URL(`/page/${(n % (SITE_PAGES - 1)) + 1}`, site.seed).href);
  await Promise.all(urls.splice(0, tabs).map(render));
  const start = performance.now();
  const loop = async () => {
    for (let url = urls.pop(); url !== undefined; url = urls.pop()) await render(url);
  };
  await Promise.all(Array.from({ length: tabs }, loop));
  return { pagesPerSecond: (pages * 1_000) / (performance.now() - start) };
}
