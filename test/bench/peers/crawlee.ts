/**
 * Question: how fast is Crawlee at the crawl of crawl-embedded.ts, when it keeps everything in memory?
 * Workload: the same site and seed, title and links of each page to its dataset; CheerioCrawler, memory storage without persistence; settings in crawlee-main.ts.
 * Run:      ./orb bench --peers
 * Reports:  as crawl-embedded.ts.
 * Compare:  ours in turns with it.
 * Not:      the same promise: memory storage loses everything with the process. With its default, disk, it takes half as long again.
 */
import { resolve } from "node:path";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { crawlFigures } from "../crawl-figures.ts";
import type { Figures } from "../figures.ts";
import { runMeasured } from "../measured-command.ts";
import { startBenchSite } from "../site.ts";
import { type Installed, installOnce } from "./install.ts";

export const CRAWLEE_VERSION = "3.18.1";
const MAIN = resolve(import.meta.dirname, "crawlee-main.ts");

/** Crawlee with its packages, in a folder outside of ours. */
export function installCrawlee(): Installed {
  const packages = [`@crawlee/cheerio@${CRAWLEE_VERSION}`, `@crawlee/memory-storage@${CRAWLEE_VERSION}`];
  return installOnce(`crawlee-${CRAWLEE_VERSION}`, (folder) => [
    ["npm", "install", "--prefix", folder, "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error", ...packages],
  ]);
}

export async function crawlWithCrawlee(pages: number, folder: string): Promise<Figures> {
  await using site = await startBenchSite(pages);
  using directory = temporaryDirectory();
  const cost = await runMeasured({ command: process.execPath, args: [MAIN, folder, site.seed], cwd: directory.path });
  const { stored } = JSON.parse(cost.stdout.trim().split("\n").at(-1) ?? "") as { stored: number };
  return crawlFigures(pages, stored, await site.report(), cost);
}
