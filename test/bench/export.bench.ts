/**
 * Question: what does an export of all results take of a web UI, and how long do other answers take meanwhile?
 * Workload: 100,000 results (or ROWS) of six fields and 300 bytes, as CSV, CSV in gzip, and a workbook, read by a client on the same machine; another
 *           client asks for counters, a page of results and a project in turn, every 20 ms.
 * Run:      ./orb bench export; with ROWS=1000000 for the promise of a million
 * Reports:  of each format rows/s, CPU seconds of the web UI, and the peak of the web UI's memory above that before the first, in MiB; the 99th percentile of the other answers in
 *           ms, and the same without an export (`rest`), because other load on the machine delays both.
 * Compare:  64 MiB and 100 ms (docs/performance.md).
 * Not:      several exports at a time, and a slow network.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { imageVariables } from "../fixtures/role-image.ts";
import { TOKEN } from "../fixtures/webui.ts";
import type { Figures } from "./figures.ts";

const ROWS = Number(process.env.ROWS ?? 100_000);
const EXPORTS: [name: string, query: string, encoding: string][] = [
  ["csv", "format=csv", "identity"],
  ["csvGzip", "format=csv", "gzip"],
  ["xlsx", "format=xlsx", "identity"],
];
const OTHERS = ["/counters?project=bench", "/projects/bench/results", "/projects/bench"];
const GAP_MS = 20;
const REST_MS = 15_000;

// As in a fleet: the allocator's settings of the image change the memory.
const { NODE_COMPILE_CACHE: _, ...imageEnv } = imageVariables();
const server = spawn(process.execPath, [resolve(import.meta.dirname, "export-server.ts"), String(ROWS)], {
  env: { ...process.env, ...imageEnv },
  stdio: ["pipe", "pipe", "inherit"],
});
const [port] = (await once(createInterface(server.stdout), "line")) as [string];
for (let round = 0; round < 20; round++) await askOthers();
await read("/projects/bench/results?format=jsonl&since=c999999999999", "identity");
await delay(3_000);
const restMib = memoryMib("VmRSS");
const figures: Figures = { restOtherP99Ms: p99(await timesUntil(delay(REST_MS))) };
for (const [name, query, encoding] of EXPORTS) Object.assign(figures, await measure(name, `/projects/bench/results?${query}`, encoding));
server.stdin.end();
await once(server, "exit");
process.stdout.write(`${JSON.stringify(figures)}\n`);

async function measure(name: string, path: string, encoding: string): Promise<Figures> {
  // Resets the peak (proc(5)).
  writeFileSync(`/proc/${server.pid}/clear_refs`, "5");
  const cpuBefore = cpuSeconds();
  const began = performance.now();
  const exported = read(path, encoding);
  const times = await timesUntil(exported);
  return {
    [`${name}RowsPerSecond`]: (ROWS * 1_000) / (performance.now() - began),
    [`${name}CpuSeconds`]: cpuSeconds() - cpuBefore,
    [`${name}Mib`]: (await exported) / 2 ** 20,
    [`${name}MibAboveRest`]: memoryMib("VmHWM") - restMib,
    [`${name}OtherP99Ms`]: p99(times),
  };
}

async function timesUntil(end: Promise<unknown>): Promise<number[]> {
  const done = new AbortController();
  const stop = () => done.abort();
  end.then(stop, stop);
  const times: number[] = [];
  for (; !done.signal.aborted; await delay(GAP_MS)) times.push(...(await askOthers()));
  return times;
}

function p99(times: number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)] ?? NaN;
}

function memoryMib(field: string): number {
  const status = readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1_024;
}

/** Of the web UI, user and system (proc(5)), in ticks of 10 ms. */
function cpuSeconds(): number {
  const fields = readFileSync(`/proc/${server.pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function askOthers(): Promise<number[]> {
  const times: number[] = [];
  for (const path of OTHERS) {
    const began = performance.now();
    await read(path, "identity");
    times.push(performance.now() - began);
  }
  return times;
}

/** Reads an answer and resolves to its length in bytes. */
function read(path: string, encoding: string): Promise<number> {
  const headers = { authorization: `Bearer ${TOKEN}`, "accept-encoding": encoding };
  return new Promise((done, reject) => {
    get(`http://127.0.0.1:${port}/api/v1${path}`, { headers }, (response) => {
      let bytes = 0;
      response.on("data", (piece: Buffer) => {
        bytes += piece.length;
      });
      response.on("error", reject);
      response.on("end", () => (response.statusCode === 200 ? done(bytes) : reject(new Error(`${path}: ${response.statusCode}`))));
    }).on("error", reject);
  });
}
