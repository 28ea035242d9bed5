import { spawn } from "node:child_process";
import { once } from "node:events";
import { ROOT } from "../core/runtime/checkout.ts";
import { wholeNumber } from "../core/runtime/env.ts";
import type { Command } from "./arguments.ts";
import { UsageError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { switchFlag } from "./flags.ts";

/** The measures of test/bench/measures.ts; a test keeps both lists equal. */
export const BENCH_MEASURES = [
  "fetch",
  "queue-memory",
  "queue-redis",
  "store-embedded",
  "store-postgres",
  "debug",
  "export",
  "embedded",
  "roles",
];

export const benchCommand: Command = {
  name: "bench",
  summary: "Measures how fast it crawls on this machine, whole and in parts",
  positionals: ["[MEASURE…]"],
  flags: {
    peers: switchFlag(
      "also run the same crawl with a plain loop of undici and cheerio, with Scrapy and with Crawlee; installs the last two into a separate cache (Python 3 with venv, npm)",
    ),
    samples: {
      value: "N",
      help: "samples of each measure, interleaved (default: 3)",
      schema: wholeNumber({ min: 1, max: 100, fallback: 3 }),
    },
    pages: {
      value: "N",
      help: "pages of a complete crawl (default: 5000)",
      schema: wholeNumber({ min: 10, max: 1_000_000, fallback: 5_000 }),
    },
  },
  notes: [
    `Measures: ${BENCH_MEASURES.join(", ")} (default: all).`,
    "The last two are complete crawls: one process on the embedded database, and one process per role on Redis and Postgres, which are started",
    "for it. Prints one JSON line per measure, with median, minimum and maximum.",
    "Linux only. Measures that this machine cannot run are listed as skipped. Other load on the machine changes the figures, pages per second most.",
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
