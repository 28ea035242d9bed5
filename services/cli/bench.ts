import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { wholeNumber } from "../core/env.ts";
import type { Command } from "./arguments.ts";
import { UsageError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { switchFlag } from "./flags.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** Those of test/bench/measures.ts; a test holds both equal. */
export const BENCH_MEASURES = ["fetch", "queue-memory", "queue-redis", "store-embedded", "store-postgres", "embedded", "roles"];

export const benchCommand: Command = {
  name: "bench",
  summary: "Measures how fast it crawls on this machine, whole and in parts",
  positionals: ["[MEASURE…]"],
  flags: {
    peers: switchFlag(
      "also the same crawl by a bare loop of undici and cheerio, and by Scrapy and Crawlee, which it installs into a cache of their own (Python 3 with venv, npm)",
    ),
    samples: { value: "N", help: "samples of each, taken in turns (default: 3)", schema: wholeNumber({ min: 1, max: 100, fallback: 3 }) },
    pages: {
      value: "N",
      help: "pages of a whole crawl (default: 5000)",
      schema: wholeNumber({ min: 10, max: 1_000_000, fallback: 5_000 }),
    },
  },
  notes: [
    `Measures: ${BENCH_MEASURES.join(", ")} (default: all).`,
    "The last two are whole crawls: in one process on the embedded database, and by a process of each role on Redis and Postgres, which are started",
    "for it. Prints one JSON line a measure, with median, least and most.",
    "Linux only. What this machine cannot run is named as skipped. Anything else that runs meanwhile changes the figures, pages a second above all.",
  ],
  async run({ flags, positionals }) {
    const { peers, samples, pages } = flags as { peers: boolean; samples: number; pages: number };
    refuseUnknown(positionals);
    const args = ["--samples", String(samples), "--pages", String(pages), ...(peers ? ["--peers"] : []), ...positionals];
    const [code] = await once(spawn(process.execPath, ["test/bench/main.ts", ...args], { cwd: ROOT, stdio: "inherit" }), "exit");
    return code ?? EXIT.failed;
  },
};

function refuseUnknown(measures: string[]): void {
  const unknown = measures.filter((name) => !BENCH_MEASURES.includes(name));
  if (unknown.length === 0) return;
  const remedy = `use one of ${BENCH_MEASURES.join(", ")}`;
  throw new UsageError(
    "bench",
    unknown.map((value) => ({ path: "MEASURE", value, remedy })),
  );
}
