/**
 * Question: how many small pages a second are rendered, by the number of tabs, and how many by puppeteer alone?
 * Workload: static pages of 5 KB with 20 links on loopback, `--pages` a sample, after three in each tab that are not counted.
 * Run:      node test/bench/render.bench.ts [--pages 60] [--samples 3] [--tabs 1,2,4,8]        (needs Chromium)
 * Reports:  pages/s, and in brackets CPU milliseconds a page of Chromium, this process and the site; medians of samples in turns.
 * Compare:  puppeteer with a context a page, and with tabs that are used again and never emptied. Both read a page at its `load` event.
 * Not:      crawl speed: nothing is parsed, scheduled or stored. Chromium is not replaced after a number of pages.
 */
import { parseArgs } from "node:util";
import { type Figures, median } from "./figures.ts";
import { treeCpuSeconds } from "./process-tree.ts";
import { RENDER_WAYS, type RenderWay } from "./render-ways.ts";
import { startBenchSite } from "./site.ts";

const WARM_UP_PAGES_PER_TAB = 3;
const SITE_PAGES = 1_000;

const { values } = parseArgs({
  options: {
    pages: { type: "string", default: "60" },
    samples: { type: "string", default: "3" },
    tabs: { type: "string", default: "1,2,4,8" },
  },
});
const pages = Number(values.pages);
const tabCounts = values.tabs.split(",").map(Number);

await using site = await startBenchSite(SITE_PAGES);
const taken = RENDER_WAYS.map((way) => ({ way, byTabs: tabCounts.map((tabs) => ({ tabs, samples: [] as Figures[] })) }));
for (let turn = 1; turn <= Number(values.samples); turn++)
  for (const [index, tabs] of tabCounts.entries())
    for (const { way, byTabs } of taken) byTabs[index]?.samples.push(await sample(way, tabs));

const row = (cells: string[]) => process.stdout.write(`| ${cells.join(" | ")} |\n`);
row(["pages/s (CPU ms a page)", ...tabCounts.map((tabs) => (tabs === 1 ? "1 tab" : `${tabs} tabs`))]);
row(["---", ...tabCounts.map(() => "---")]);
for (const { way, byTabs } of taken) row([way.name, ...byTabs.map(({ samples }) => cell(samples))]);

function cell(samples: Figures[]): string {
  const of = (name: string) => median(samples.map((figures) => figures[name] ?? NaN));
  return `${of("pagesPerSecond").toPrecision(2)} (${of("cpuMsPerPage").toFixed(0)})`;
}

async function sample(way: RenderWay, tabs: number): Promise<Figures> {
  process.stderr.write(`${way.name}, ${tabs} tabs\n`);
  await using opened = await way.open(tabs);
  await renderAll(opened.render, tabs, WARM_UP_PAGES_PER_TAB * tabs);
  const cpuBefore = treeCpuSeconds(process.pid);
  const beganAt = performance.now();
  await renderAll(opened.render, tabs, pages);
  const seconds = (performance.now() - beganAt) / 1_000;
  return { pagesPerSecond: pages / seconds, cpuMsPerPage: ((treeCpuSeconds(process.pid) - cpuBefore) * 1_000) / pages };
}

async function renderAll(render: (url: string, tab: number) => Promise<number>, tabs: number, count: number): Promise<void> {
  let next = 0;
  const work = async (tab: number) => {
    while (next < count) {
      const path = `/page/${(next++ % (SITE_PAGES - 1)) + 1}`;
      const bytes = await render(new URL(path, site.seed).href, tab);
      if (bytes < 4_000) throw new Error(`${path} has ${bytes} bytes`);
    }
  };
  await Promise.all(Array.from({ length: tabs }, (_, tab) => work(tab)));
}
