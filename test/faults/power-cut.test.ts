/**
 * Question: what does `./orb start` lose in a power cut?
 * Workload: a crawl of the bench site on a disk that loses everything that was not synchronised, cut at random moments. Beside it, one row is changed all the time.
 *           The first cuts are right after the first start, the others after some hundred more results. Three cuts of 4,000 pages; with
 *           `./orb test --long` twenty of 20,000. `SEED=…` repeats the moments.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { benchScript } from "../bench/script.ts";
import { startBenchSite } from "../bench/site.ts";
import { createPowerCutDisk, POWER_CUTS_MISSING, powerCutsWork } from "../fixtures/power-cut-disk.ts";
import { createRandom, seedsOf } from "../fixtures/random.ts";
import { type StartedOrb, startEverything } from "../fixtures/started-orb.ts";
import { until } from "../fixtures/until.ts";

const LONG = process.env.TEST_LONG === "1";
const CUTS = LONG ? 20 : 3;
const PAGES = LONG ? 20_000 : 4_000;
/** So that some moments are right after the database was created. */
const EARLY_CUTS = 2;
/** More results until the next cut: all cuts fall into the crawl. */
const RESULTS_BETWEEN = { least: 100, most: 900 };
const RATE = 100_000;
const CRAWL_MS = 600_000;
const skip = !powerCutsWork && POWER_CUTS_MISSING;

/** What the API has confirmed. */
interface Acknowledged {
  change: number;
  /** `taskid index` of each result that was read. */
  results: Set<string>;
}

const [seed = 0] = seedsOf(1);
const title = `after each of ${CUTS} power cuts everything that was acknowledged is there, and the crawl ends with each page once (SEED=${seed} repeats it)`;
test(title, { skip, timeout: 1_500_000 }, async (context) => {
  const random = createRandom(seed);
  await using site = await startBenchSite(PAGES);
  await using disk = createPowerCutDisk();
  const acknowledged: Acknowledged = { change: 0, results: new Set() };

  for (let cut = 1; cut <= CUTS; cut++) {
    await using orb = await startEverything(disk.path);
    if (cut === 1) await startCrawl(orb, site.seed);
    else await assertKept(orb, acknowledged);
    const more = cut <= EARLY_CUTS ? 0 : random.between(RESULTS_BETWEEN.least, RESULTS_BETWEEN.most);
    await crawlOn(orb, acknowledged, acknowledged.results.size + more);
    disk.cut();
    orb.process.kill("SIGKILL");
    await orb.ended;
    await disk.restart();
    context.diagnostic(`cut ${cut}: change ${acknowledged.change} and ${acknowledged.results.size} results were acknowledged`);
  }

  await using orb = await startEverything(disk.path);
  await assertKept(orb, acknowledged);
  await until("no task is pending", async () => (await pendingTasks(orb)) === 0, CRAWL_MS, 200);
  const rows = await readResults(orb);
  assert.equal(new Set(rows.map(({ result }) => result.title)).size, PAGES);
  assert.equal(rows.length, PAGES);
  orb.process.kill("SIGINT");
  await orb.ended;
});

async function startCrawl(orb: StartedOrb, url: string): Promise<void> {
  await orb.api("PUT", "/projects/changed", { script: benchScript(url), comments: "0" });
  await orb.api("PUT", "/projects/site", { script: benchScript(url), status: "RUNNING", rate: RATE, burst: RATE });
  await orb.api("POST", "/projects/site/run");
}

/** Changes a row and reads results until there are `results`; returns right after an answer. */
async function crawlOn(orb: StartedOrb, acknowledged: Acknowledged, results: number): Promise<void> {
  do {
    await orb.api("PUT", "/projects/changed", { comments: String(acknowledged.change + 1) });
    acknowledged.change++;
    if (results > 0) for (const row of await readResults(orb)) acknowledged.results.add(keyOf(row));
  } while (acknowledged.results.size < results);
}

async function assertKept(orb: StartedOrb, { change, results }: Acknowledged): Promise<void> {
  const { comments } = (await (await orb.api("GET", "/projects/changed")).json()) as { comments: string };
  const kept = new Set((await readResults(orb)).map(keyOf));
  assert.equal(Number(comments), change);
  assert.deepEqual(
    [...results].filter((key) => !kept.has(key)),
    [],
  );
}

interface ResultRow {
  taskid: string;
  index: number;
  result: { title: string };
}

const keyOf = ({ taskid, index }: ResultRow) => `${taskid} ${index}`;

async function readResults(orb: StartedOrb): Promise<ResultRow[]> {
  const text = await (await orb.api("GET", "/projects/site/results?format=jsonl")).text();
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

async function pendingTasks(orb: StartedOrb): Promise<number> {
  const counters = (await (await orb.api("GET", "/counters")).json()) as Record<string, { all: { pending: number } }>;
  return counters.site?.all.pending ?? NaN;
}
