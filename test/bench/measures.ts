/** Everything `./orb bench` can measure, in the order of its report. */
import { resolve } from "node:path";
import { POSTGRES_IS_MISSING, postgresIsInstalled } from "../fixtures/postgres-server.ts";
import { REDIS_IS_MISSING, redisIsInstalled } from "../fixtures/redis-server.ts";
import { crawlEmbedded } from "./crawl-embedded.ts";
import { crawlRoles } from "./crawl-roles.ts";
import type { Figures } from "./figures.ts";
import { runMeasured } from "./measured-command.ts";
import { crawlWithBareLoop } from "./peers/bare-loop.ts";
import { crawlWithCrawlee, installCrawlee } from "./peers/crawlee.ts";
import type { Installed } from "./peers/install.ts";
import { crawlWithScrapy, installScrapy } from "./peers/scrapy.ts";

export interface Measure {
  name: string;
  /** Why it cannot be taken on this machine; undefined if it can. */
  missing: string | undefined;
  /** Run once before the first sample: the first crawl on a machine makes what later ones find. */
  warmUp?(): Promise<unknown>;
  /** Takes one sample. `pages`: of the site, for whole crawls. */
  sample(pages: number): Promise<Figures>;
}

const WARM_UP_PAGES = 20;
const needsRedis = redisIsInstalled ? undefined : REDIS_IS_MISSING;
const needsPostgres = postgresIsInstalled ? undefined : POSTGRES_IS_MISSING;

/** Each part by itself, then whole crawls. */
export const MEASURES: Measure[] = [
  { name: "fetch", missing: undefined, sample: benchProcess("fetch") },
  { name: "queue-memory", missing: undefined, sample: benchProcess("queue", "memory") },
  { name: "queue-redis", missing: needsRedis, sample: benchProcess("queue", "redis") },
  { name: "store-embedded", missing: undefined, sample: benchProcess("store", "embedded") },
  { name: "store-postgres", missing: needsPostgres, sample: benchProcess("store", "postgres") },
  { name: "debug", missing: undefined, sample: benchProcess("debug") },
  { name: "export", missing: undefined, sample: benchProcess("export") },
  wholeCrawl("embedded", undefined, crawlEmbedded),
  wholeCrawl("roles", needsRedis ?? needsPostgres, crawlRoles),
];

/** Others at the same crawl; installs them first where they are not. */
export function installPeers(): Measure[] {
  return [
    peer("scrapy-jobdir", installScrapy(), crawlWithScrapy),
    peer("crawlee-memory", installCrawlee(), crawlWithCrawlee),
    wholeCrawl("bare-loop", undefined, crawlWithBareLoop),
  ];
}

function peer(name: string, installed: Installed, crawl: (pages: number, folder: string) => Promise<Figures>): Measure {
  if ("reason" in installed) return wholeCrawl(name, installed.reason, () => Promise.reject(new Error(installed.reason)));
  return wholeCrawl(name, undefined, (pages) => crawl(pages, installed.folder));
}

function wholeCrawl(name: string, missing: string | undefined, sample: Measure["sample"]): Measure {
  return { name, missing, warmUp: () => sample(WARM_UP_PAGES), sample };
}

/** One of the `.bench.ts` files here. Each sample is a separate process, so that it starts with cold code and an empty heap. */
function benchProcess(file: string, ...args: string[]): () => Promise<Figures> {
  return async () => {
    const path = resolve(import.meta.dirname, `${file}.bench.ts`);
    const { stdout } = await runMeasured({ command: process.execPath, args: [path, ...args], cwd: import.meta.dirname });
    return JSON.parse(stdout) as Figures;
  };
}
