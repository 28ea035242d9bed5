/**
 * Question: how many small pages a second does Chromium render for us, by the number of tabs, and what does puppeteer alone do with the same pages?
 * Workload: pages of 5 KB with 20 links on loopback, each with a script that adds its rows; `--pages` a sample, after as many to warm up.
 * Run:      node test/bench/render.bench.ts [--pages N] [--samples N] [--tabs 1,2,4,8]        (needs Chromium)
 * Reports:  a table of pages/s by way and tabs, medians of samples in turns, and the CPU seconds a thousand pages of this process and Chromium.
 * Compare:  puppeteer with a new context a page, and with tabs that are used again and never emptied. Both read a page at its `load` event.
 * Not:      crawl speed: nothing is parsed, scheduled or stored.
 */
import { parseArgs } from "node:util";
import { chromiumWays, type RenderWay } from "./render-ways.ts";
import { median } from "./figures.ts";
import { startBenchSite } from "./site.ts";
import { treeCpuSeconds } from "./process-tree.ts";

const { values } = parseArgs({
  options: {
    pages: { type: "string", default: "100" },
    samples: { type: "string", default: "3" },
    tabs: { type: "string", default: "1,2,4,8" },
    ways: { type: "string", default: "" },
  },
});
const pages = Number(values.pages);
const tabCounts = values.tabs.split(",").map(Number);

interface Sample {
  pagesPerSecond: number;
  cpuSeconds: number;
}

await using site = await startBenchSite(1_000);
const ways = chromiumWays.filter(({ name }) => values.ways === "" || values.ways.split(",").some((w) => name.includes(w)));
const samples = new Map<string, Sample[]>();
for (let turn = 0; turn < Number(values.samples); turn++) {
  for (const tabs of tabCounts) for (const way of ways) {
    const key = `${way.name} ${tabs}`;
    samples.set(key, [...(samples.get(key) ?? []), await sample(way, tabs)]);
  }
}
process.stdout.write(`| pages/s (CPU s per 1,000 pages) | ${tabCounts.map((tabs) => `${tabs} tabs`).join(" | ")} |\n|${"---|".repeat(tabCounts.length + 1)}\n`);
for (const { name } of ways) process.stdout.write(`| ${name} | ${tabCounts.map((tabs) => cell(samples.get(`${name} ${tabs}`) ?? [])).join(" | ")} |\n`);

function cell(taken: Sample[]): string {
  const speed = median(taken.map(({ pagesPerSecond }) => pagesPerSecond));
  const cpu = median(taken.map(({ cpuSeconds }) => cpuSeconds)) / (pages / 1_000);
  return `${speed.toPrecision(3)} (${cpu.toPrecision(3)})`;
}

async function sample(way: RenderWay, tabs: number): Promise<Sample> {
  await using way_ = await way.open(tabs);
  await renderAll(way_.render, tabs);
  const cpuBefore = treeCpuSeconds(process.pid);
  const beganAt = performance.now();
  await renderAll(way_.render, tabs);
  const seconds = (performance.now() - beganAt) / 1_000;
  return { pagesPerSecond: pages / seconds, cpuSeconds: treeCpuSeconds(process.pid) - cpuBefore };
}

async function renderAll(render: (url: string, tab: number) => Promise<number>, tabs: number): Promise<void> {
  let next = 1;
  const work = async (tab: number) => {
    while (next <= pages) {
      const n = next++;
      const bytes = await render(new URL(`/page/${n}`, site.seed).href, tab);
      if (bytes < 4_000) throw new Error(`page ${n} has ${bytes} bytes`);
    }
  };
  await Promise.all(Array.from({ length: tabs }, (_, tab) => work(tab)));
}
