/**
 * Question: do disk and memory of one `./orb start` stay flat over weeks of crawling again?
 * Workload: `ROUNDS` rounds (200); each fetches all 5,000 pages of the bench site again, because the script has another `itag`, and writes their rows.
 *           Every 20 rounds the project is cleared, and the next round starts with empty tables.
 * Run:      node_modules/.bin/node test/bench/store-weeks.bench.ts FOLDER [ROUNDS]        (11 minutes on two quiet cores; run it again to continue)
 * Reports:  one JSON line a round to FOLDER/rounds.jsonl: seconds, disk and memory (PSS of all processes) when its last page is stored, the time of
 *           `GET /counters` then, and the size of each table; on stdout, slopes a round of the last process, from its third, with their standard errors.
 * Compare:  slopes within two errors of 0; disk after a `clear` and a round no larger than before it.
 * Not:      a crawl of the web. FOLDER/data keeps the database.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { type StartedOrb, startEverything } from "../fixtures/started-orb.ts";
import { until } from "../fixtures/until.ts";
import { bytesOf, countRows, logBytes, tableBytes } from "./data-directory.ts";
import { linearFit } from "./linear-fit.ts";
import { treeMiB } from "./process-tree.ts";
import { benchScript } from "./script.ts";
import { startBenchSite } from "./site.ts";

const PAGES = 5_000;
const CLEAR_EVERY = 20;
const ROUND_MS = 600_000;
const POLL_MS = 250;
/** The first rounds fill tables and caches. */
const FIRST_COUNTED = 3;

interface Sample {
  round: number;
  /** Which process of `./orb start`: a run that was continued has several. */
  pid: number;
  event: "crawled" | "cleared";
  seconds: number;
  diskBytes: number;
  walBytes: number;
  memoryMiB: number;
  countersMs: number;
  /** Bytes with indexes, by table; those of a block or less are left out. */
  tables: Record<string, number>;
}

const [folder = "", wanted = "200"] = process.argv.slice(2);
if (folder === "") throw new Error("usage: store-weeks.bench.ts FOLDER [ROUNDS]");
const data = resolve(folder, "data");
const log = resolve(folder, "rounds.jsonl");
mkdirSync(data, { recursive: true });

const before = readSamples();
let round = Math.max(0, ...before.map((sample) => sample.round));
if (round < Number(wanted)) await crawlAgain();
process.stdout.write(`${JSON.stringify(slopes(readSamples()))}\n`);

async function crawlAgain(): Promise<void> {
  await using site = await startBenchSite(PAGES);
  await using orb = await startEverything(data);
  while (round++ < Number(wanted)) {
    const began = Date.now();
    const answers = (await site.report()).answers;
    const script = benchScript(site.seed).replace("extends Crawler {", `extends Crawler {\n  crawlConfig = { itag: "round ${round}" };`);
    await orb.api("PUT", "/projects/weeks", { script, status: "RUNNING", rate: 100_000, burst: 100_000 });
    await orb.api("POST", "/projects/weeks/run");
    const isDone = async () => (await site.report()).answers >= answers + PAGES && (await pendingTasks(orb)) === 0;
    await until(`round ${round} is crawled`, isDone, ROUND_MS, POLL_MS);
    await record(orb, "crawled", began);
    if (round % CLEAR_EVERY === 0) await clear(orb);
  }
}

async function clear(orb: StartedOrb): Promise<void> {
  const began = Date.now();
  await orb.api("POST", "/projects/weeks/clear");
  await until(
    "the project is cleared",
    async () => (await countRows(data, "tasks")) + (await countRows(data, "results")) === 0,
    ROUND_MS,
    POLL_MS,
  );
  await record(orb, "cleared", began);
}

async function pendingTasks(orb: StartedOrb): Promise<number> {
  const { weeks } = (await (await orb.api("GET", "/counters")).json()) as { weeks?: { all: { pending: number } } };
  return weeks?.all.pending ?? NaN;
}

async function record(orb: StartedOrb, event: Sample["event"], began: number): Promise<void> {
  const seconds = (Date.now() - began) / 1_000;
  const memoryMiB = treeMiB(orb.process.pid ?? 0);
  const asked = performance.now();
  await pendingTasks(orb);
  const countersMs = performance.now() - asked;
  const sizes = { diskBytes: await bytesOf(data), walBytes: await logBytes(data), tables: await tableBytes(data) };
  const sample: Sample = { round, pid: orb.process.pid ?? 0, event, seconds, memoryMiB, countersMs, ...sizes };
  appendFileSync(log, `${JSON.stringify(sample)}\n`);
}

function readSamples(): Sample[] {
  if (!existsSync(log)) return [];
  return readFileSync(log, "utf8")
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Sample);
}

/** Of the last process, and of the rounds that crawl known pages: the first after a clear has less to write. */
function slopes(samples: Sample[]) {
  const ofProcess = samples.filter(({ pid }) => pid === samples.at(-1)?.pid);
  const first = (ofProcess[0]?.round ?? 0) + FIRST_COUNTED - 1;
  const counted = ofProcess.filter(({ event, round }) => event === "crawled" && round >= first && round % CLEAR_EVERY !== 1);
  const fit = (value: (sample: Sample) => number) => linearFit(counted.map((sample) => [sample.round, value(sample)]));
  return {
    rounds: ofProcess.filter(({ event }) => event === "crawled").length,
    diskBytes: fit(({ diskBytes }) => diskBytes),
    walBytes: fit(({ walBytes }) => walBytes),
    memoryMiB: fit(({ memoryMiB }) => memoryMiB),
  };
}
