/**
 * Question: what does a step of the debugger cost on top of its fetch, and what do 20 open debuggers take from a crawl?
 * Workload: pages of 5 KB on loopback; 30 steps, one after the other, on a script that is known. Then crawls of 6,000 pages, in turns alone and beside
 *           20 debuggers, each of a user of its own with a step every 5 s. One process: all roles, the web UI, an embedded Postgres.
 * Run:      ./orb bench debug
 * Reports:  ms on top of the fetch (median and 95th percentile, at rest; median beside the crawl); CPU ms of a step and of a crawled page, all processes
 *           together; pages/s beside debuggers divided by pages/s alone. The steps come at a fixed pace, so on a machine that is busy with other work
 *           the quotient is too low: multiply the CPU of a step by 4 steps/s to see what they take.
 * Compare:  the goals, 150 ms and 0.9.
 * Not:      rendered pages, and a fleet.
 */
import { setTimeout as delay } from "node:timers/promises";
import { compileScript } from "../../services/compiler/compile.ts";
import { DebugSteps } from "../../services/webui/debug-steps.ts";
import { startTestEngine } from "../fixtures/engine.ts";
import { median } from "./figures.ts";
import { treeCpuSeconds } from "./process-tree.ts";
import { benchScript } from "./script.ts";
import { startBenchSite } from "./site.ts";

const STEPS = 30;
const PAGES = 6_000;
const TURNS = 3;
const DEBUGGERS = 20;
const PAUSE_MS = 5_000;

await using site = await startBenchSite(PAGES);
const source = benchScript(site.seed);
await using engine = await startTestEngine();
const steps = new DebugSteps(engine.engine.queues);
const never = new AbortController().signal;

/** Of one step, its compilation included, without its fetch. */
async function stepMs(user: string, signal: AbortSignal): Promise<number> {
  const start = performance.now();
  const script = await compileScript(source, "step.ts");
  const { page, process } = await steps.run("step", script, { url: site.seed, callback: "page" }, { user, signal });
  if (!process.ok) throw new Error(process.error?.message);
  return performance.now() - start - page.timeMs;
}

async function openDebugger(index: number, signal: AbortSignal, times: number[]): Promise<void> {
  await delay((index * PAUSE_MS) / DEBUGGERS, undefined, { signal });
  while (!signal.aborted) {
    times.push(await stepMs(`user${index}`, signal));
    await delay(PAUSE_MS, undefined, { signal });
  }
}

async function crawlSeconds(project: string): Promise<number> {
  const start = performance.now();
  const { results } = await engine.crawl(project, source);
  if (results.length !== PAGES) throw new Error(`${results.length} of ${PAGES} pages`);
  return (performance.now() - start) / 1_000;
}

await crawlSeconds("warmup");
await stepMs("one", never);
const alone: number[] = [];
const cpuBefore = treeCpuSeconds(process.pid);
for (let step = 0; step < STEPS; step++) alone.push(await stepMs("one", never));
const stepCpuSeconds = treeCpuSeconds(process.pid) - cpuBefore;

const quotients: number[] = [];
const beside: number[] = [];
const pageCpuMs: number[] = [];
for (let turn = 0; turn < TURNS; turn++) {
  const cpu = treeCpuSeconds(process.pid);
  const quiet = await crawlSeconds(`quiet${turn}`);
  pageCpuMs.push(((treeCpuSeconds(process.pid) - cpu) * 1_000) / PAGES);
  const stop = new AbortController();
  const debuggers = Array.from({ length: DEBUGGERS }, (_, index) => openDebugger(index, stop.signal, beside).catch(() => {}));
  quotients.push(quiet / (await crawlSeconds(`beside${turn}`)));
  stop.abort();
  await Promise.all(debuggers);
}

const sorted = alone.toSorted((a, b) => a - b);
process.stdout.write(
  `${JSON.stringify({
    stepMs: median(alone),
    stepMs95: sorted[Math.floor(0.95 * STEPS)] ?? NaN,
    stepMsBesideCrawl: median(beside),
    stepCpuMs: (stepCpuSeconds * 1_000) / STEPS,
    pageCpuMs: median(pageCpuMs),
    crawlSpeedKept: median(quotients),
  })}\n`,
);
