/**
 * Question: does what the scheduler does cost the same whatever the table holds?
 * Workload: 10 thousand, 1 million and 10 million tasks of 1,000 projects in Postgres (see scale-fill.ts), its settings the defaults; then 22,000 tasks
 *           through rounds of 200: each ends with 20 follows, of which 2 are new. The first 2,000 are not counted. Then as many again, once the scheduler
 *           has read which tasks there are (seen-tasks-loader.ts): what it remembers costs no look-up.
 * Run:      node_modules/.bin/node test/bench/scale.bench.ts [TASKS…]        (an hour and 12 GB of disk for the largest at most; all is dropped at the end)
 * Reports:  one JSON line a size, medians of 3 processes, the sizes in turns: start (to the first order), selection, ending and intake a task, all steps
 *           of the recall together, intake after it, peak memory of the process; and how many times the first size's each is.
 * Compare:  at 10 million against 10 thousand: start below 5 s, selection at most 1.5 times, intake at most 3 times, memory below 512 MiB.
 * Not:      throughput: there is no queue server, no worker and no result.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { connectPostgres } from "../../services/core/store/postgres.ts";
import { startPostgres } from "../fixtures/postgres-server.ts";
import { type Figures, ratios, spreads } from "./figures.ts";
import { fillTasks } from "./scale-fill.ts";

const SIZES = [10_000, 1_000_000, 10_000_000];
const SAMPLES = 3;
/** Rows, indexes, and the log of writing them. */
const BYTES_A_TASK = 1_200;

const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : SIZES;
requireDisk(sizes.reduce((sum, tasks) => sum + tasks, 0) * BYTES_A_TASK);
await using postgres = await startPostgres();
const urls = new Map<number, string>();
for (const tasks of sizes) {
  const url = await postgres.createDatabase(`scale_${tasks}`);
  await fill(url, tasks);
  urls.set(tasks, url);
}
const samples = new Map<number, Figures[]>(sizes.map((tasks) => [tasks, []]));
for (let sample = 0; sample < SAMPLES; sample++) {
  for (const [tasks, url] of urls) samples.get(tasks)?.push(await takeSample(url, tasks));
}
const first = samples.get(sizes[0] ?? NaN) ?? [];
for (const [tasks, figures] of samples) {
  const timesTheFirst = ratios(figures, first, Object.keys(figures[0] ?? {}));
  process.stdout.write(`${JSON.stringify({ tasks, ...spreads(figures), timesTheFirst })}\n`);
}

function requireDisk(bytes: number): void {
  const { bavail, bsize } = statfsSync(tmpdir());
  if (bavail * bsize < bytes)
    throw new Error(`${tmpdir()} has ${Math.round((bavail * bsize) / 2 ** 30)} GiB free, not ${Math.round(bytes / 2 ** 30)}`);
}

async function fill(url: string, tasks: number): Promise<void> {
  const began = Date.now();
  const database = await connectPostgres(url);
  await fillTasks(database, tasks);
  await database.close();
  process.stderr.write(`${tasks} tasks filled in ${Math.round((Date.now() - began) / 1_000)} s\n`);
}

async function takeSample(url: string, tasks: number): Promise<Figures> {
  const script = fileURLToPath(new URL("scale-sample.ts", import.meta.url));
  const child = spawn(process.execPath, [script, url, String(tasks)], { stdio: ["ignore", "pipe", "inherit"] });
  const [printed, [code]] = await Promise.all([text(child.stdout), once(child, "exit")]);
  if (code !== 0) throw new Error(`the sample of ${tasks} tasks ended with ${code}`);
  return JSON.parse(printed) as Figures;
}
