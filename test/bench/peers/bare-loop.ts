/**
 * Question: what does the same crawl cost with nothing but its libraries: no durability, no sandbox, no retries?
 * Workload: the site and seed of crawl-embedded.ts; undici and cheerio with its default parser, a set of what was seen, JSON lines.
 * Run:      ./orb bench --peers
 * Reports:  as crawl-embedded.ts.
 * Compare:  ours in turns with it: what is above it is the price of the promises.
 * Not:      a crawler: one failed page ends it, and nothing of it outlives the process.
 */
import { join, resolve } from "node:path";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { crawlFigures } from "../crawl-figures.ts";
import type { Figures } from "../figures.ts";
import { runMeasured } from "../measured-command.ts";
import { startBenchSite } from "../site.ts";

const MAIN = resolve(import.meta.dirname, "bare-loop-main.ts");

export async function crawlWithBareLoop(pages: number): Promise<Figures> {
  await using site = await startBenchSite(pages);
  using directory = temporaryDirectory();
  const args = [MAIN, site.seed, join(directory.path, "pages.jsonl")];
  const cost = await runMeasured({ command: process.execPath, args, cwd: directory.path });
  const { stored } = JSON.parse(cost.stdout) as { stored: number };
  return crawlFigures(pages, stored, await site.report(), cost);
}
