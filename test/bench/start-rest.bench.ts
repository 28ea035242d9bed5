/**
 * Question: what does `./orb start` take at rest, and what does a crawled page leave on the disk?
 * Workload: `PAGES` pages (20,000) of the bench site are crawled into a new data directory, cleared, and crawled again. Sizes are taken once the
 *           write-ahead log is short again, at most some minutes later.
 * Run:      node_modules/.bin/node test/bench/start-rest.bench.ts [PAGES]
 * Reports:  one JSON line: memory in MiB 30 s after the start, of each process (PSS) and of all on a machine without other processes; bytes of the data directory, of its log and tables: empty, after
 *           the crawl, after the clear, and after the second crawl; bytes a page of the first crawl, and of its tables alone.
 * Compare:  at rest at most 150 MiB together; at most 3,500 bytes a page; after the second crawl no more than after the first.
 */
import { setTimeout as delay } from "node:timers/promises";
import { MIB } from "../../services/core/protocol/byte-units.ts";
import { type StartedOrb, startEverything } from "../fixtures/started-orb.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { until } from "../fixtures/until.ts";
import { bytesOf, countRows, logBytes, tableBytes } from "./data-directory.ts";
import { commandLineOf, descendantsOf, loneTreeMiB, processMiB, treeMiB } from "./process-tree.ts";
import { benchScript } from "./script.ts";
import { type BenchSite, startBenchSite } from "./site.ts";

const REST_MS = 30_000;
/** A checkpoint begins every minute, takes almost as long, and removes the log from before its beginning (services/core/store/server-settings.ts). */
const SHORT_LOG_BYTES = 4 * MIB;
const SHORT_LOG_MS = 300_000;
const CRAWL_MS = 1_200_000;
const POLL_MS = 500;
const pages = Number(process.argv[2] ?? 20_000);

using directory = temporaryDirectory();
await using site = await startBenchSite(pages);
await using orb = await startEverything(directory.path);
await delay(REST_MS);
const memoryMiB = memoryByProcess(orb.process.pid ?? 0);
const empty = await sizes();
await crawl(orb, site);
const crawled = await sizes();
await orb.api("POST", "/projects/bench/clear");
await until(
  "all rows are gone",
  async () => (await countRows(directory.path, "tasks")) + (await countRows(directory.path, "results")) === 0,
);
const cleared = await sizes();
await crawl(orb, site);
const again = await sizes();
const bytesAPage = {
  all: (crawled.bytes - empty.bytes) / pages,
  tables: ((crawled.tables.tasks ?? NaN) + (crawled.tables.results ?? NaN)) / pages,
};
process.stdout.write(`${JSON.stringify({ pages, memoryMiB, empty, crawled, cleared, again, bytesAPage })}\n`);

async function crawl({ api }: StartedOrb, { seed, report }: BenchSite): Promise<void> {
  const { answers } = await report();
  await api("PUT", "/projects/bench", { script: benchScript(seed), status: "RUNNING", rate: 100_000, burst: 100_000 });
  await api("POST", "/projects/bench/run");
  const pending = async () =>
    ((await (await api("GET", "/counters")).json()) as { bench?: { all: { pending: number } } }).bench?.all.pending;
  await until("the site is crawled", async () => (await report()).answers >= answers + pages && (await pending()) === 0, CRAWL_MS, POLL_MS);
}

async function sizes() {
  const isShort = async () => (await logBytes(directory.path)) <= SHORT_LOG_BYTES;
  await until("the log is short", isShort, SHORT_LOG_MS, POLL_MS);
  const found = {
    bytes: await bytesOf(directory.path),
    logBytes: await logBytes(directory.path),
    tables: await tableBytes(directory.path),
  };
  process.stderr.write(`${JSON.stringify(found)}\n`);
  return found;
}

/** `{ "alone": 150, "all": 134, "node": 130, "postgres: checkpointer": 4 }` */
function memoryByProcess(pid: number): Record<string, number> {
  const byName: Record<string, number> = { alone: loneTreeMiB(pid), all: treeMiB(pid) };
  for (const one of [pid, ...descendantsOf(pid)]) byName[nameOf(one)] = (byName[nameOf(one)] ?? 0) + processMiB(one);
  return byName;
}

/** Postgres names its processes; of others the program is enough. */
function nameOf(pid: number): string {
  const line = commandLineOf(pid).replaceAll("\0", " ").trim();
  return line.startsWith("postgres:") ? line : (line.split(" ")[0]?.split("/").at(-1) ?? "");
}
