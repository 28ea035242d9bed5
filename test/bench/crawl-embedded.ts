/**
 * Question: how fast is a whole crawl in one process, as a user starts it?
 * Workload: one seed, `pages` pages of 5 KB with 20 links each on loopback (95 % of the links lead to known pages), title and links of each page stored.
 *           `./orb run` with a data directory: embedded Postgres, a script in its sandbox, every task and result committed.
 * Run:      ./orb bench embedded
 * Reports:  pages/s between the site's first and last answer; CPU seconds of all of Orbweaver's processes from start to exit, a thousand pages; peak memory.
 * Compare:  ./orb bench --peers
 * Not:      a crawl of the web. There is no DNS, no TLS, no latency and no politeness, and the site takes its share of the same cores.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { crawlFigures } from "./crawl-figures.ts";
import type { Figures } from "./figures.ts";
import { runMeasured } from "./measured-command.ts";
import { benchScript } from "./script.ts";
import { startBenchSite } from "./site.ts";

const ORB = resolve(import.meta.dirname, "../../orb");

export async function crawlEmbedded(pages: number): Promise<Figures> {
  await using site = await startBenchSite(pages);
  using directory = temporaryDirectory();
  writeFileSync(join(directory.path, "bench.ts"), benchScript(site.seed));
  const args = ["run", "bench.ts", "--data", "data", "--allow-address", "127.0.0.0/8", "--json"];
  const cost = await runMeasured({ command: ORB, args, cwd: directory.path });
  const { results } = JSON.parse(cost.stdout) as { results: number };
  return crawlFigures(pages, results, await site.report(), cost);
}
