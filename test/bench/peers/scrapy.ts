/**
 * Question: how fast is Scrapy at the crawl of crawl-embedded.ts, when it keeps its requests on disk?
 * Workload: the same site and seed, title and links of each page to a file of JSON lines; JOBDIR, so that a stopped crawl can go on; settings in scrapy-spider.py.
 * Run:      ./orb bench --peers
 * Reports:  as crawl-embedded.ts.
 * Compare:  ours in turns with it.
 * Not:      the same promise: JOBDIR is written at a clean stop, and a killed Scrapy loses its running requests.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryDirectory } from "../../fixtures/temporary-directory.ts";
import { crawlFigures } from "../crawl-figures.ts";
import type { Figures } from "../figures.ts";
import { runMeasured } from "../measured-command.ts";
import { startBenchSite } from "../site.ts";
import { type Installed, installOnce } from "./install.ts";

export const SCRAPY_VERSION = "2.19.0";
const SPIDER = resolve(import.meta.dirname, "scrapy-spider.py");

/** Scrapy in a virtual environment of its own. */
export function installScrapy(): Installed {
  return installOnce(`scrapy-${SCRAPY_VERSION}`, (folder) => [
    ["python3", "-m", "venv", folder],
    [join(folder, "bin/pip"), "install", "--quiet", "--disable-pip-version-check", `scrapy==${SCRAPY_VERSION}`],
  ]);
}

export async function crawlWithScrapy(pages: number, folder: string): Promise<Figures> {
  await using site = await startBenchSite(pages);
  using directory = temporaryDirectory();
  const args = ["runspider", SPIDER, "-a", `seed=${site.seed}`, "-s", "JOBDIR=job", "-o", "results.jsonl"];
  const cost = await runMeasured({ command: join(folder, "bin/scrapy"), args, cwd: directory.path });
  const lines = readFileSync(join(directory.path, "results.jsonl"), "utf8").trim().split("\n");
  return crawlFigures(pages, lines.length, await site.report(), cost);
}
