/**
 * Question: how fast is a whole crawl by separate processes, as a fleet runs them, on real servers?
 * Workload: that of crawl-embedded.ts; one process of each role, Redis and Postgres with the durability of a fleet, all on this machine.
 * Run:      ./orb bench roles
 * Reports:  as crawl-embedded.ts; CPU and memory of the roles, their sandbox children, Redis and Postgres, all from their start; and each one's share.
 * Compare:  ./orb bench --peers
 * Not:      the speed of a fleet: its hosts do not share two cores.
 */

import { isOver, readRunState } from "../../services/cli/run-state.ts";
import { compileScript } from "../../services/compiler/compile.ts";
import { startTask } from "../../services/core/protocol/start-task.ts";
import { addToInbox } from "../../services/core/store/inbox.ts";
import { connectPostgres } from "../../services/core/store/postgres.ts";
import { putProject } from "../../services/core/store/projects.ts";
import type { Database } from "../../services/core/store/sql.ts";
import { startPostgres } from "../fixtures/postgres-server.ts";
import { startRedis } from "../fixtures/redis-server.ts";
import { createFleet, type Fleet, type RoleName } from "../fixtures/role-processes.ts";
import { until } from "../fixtures/until.ts";
import { crawlFigures } from "./crawl-figures.ts";
import type { Figures } from "./figures.ts";
import { childNamed, treeCpuSeconds, treeMiB } from "./process-tree.ts";
import { benchScript } from "./script.ts";
import { startBenchSite } from "./site.ts";

const ROLES: RoleName[] = ["scheduler", "fetcher", "processor", "result-worker"];
const PROJECT = "bench";
/** No limit: far above what one machine can crawl. */
const UNLIMITED = 1_000_000;
const DEADLINE_MS = 300_000;
/** Each look costs Postgres half a millisecond. */
const LOOK_MS = 250;

export async function crawlRoles(pages: number): Promise<Figures> {
  await using site = await startBenchSite(pages);
  await using redis = await startRedis();
  await using postgres = await startPostgres({ fsync: true });
  await using fleet = createFleet(environments(redis.url, postgres.url));
  for (const role of ROLES) await fleet.start(role);
  const database = await connectPostgres(postgres.url);
  try {
    await crawl(database, site.seed);
    const [row] = await database.query<{ stored: number }>("select count(*) as stored from results where project = $1", [PROJECT]);
    const cost = costOf(fleet);
    return { ...crawlFigures(pages, row?.stored ?? 0, await site.report(), cost), ...sharesOf(cost.shares, pages) };
  } finally {
    await database.close();
  }
}

function environments(redisUrl: string, databaseUrl: string): Record<RoleName, Record<string, string>> {
  const queue = { ORB_REDIS_URL: redisUrl };
  const store = { ...queue, ORB_DATABASE_URL: databaseUrl };
  return {
    scheduler: store,
    fetcher: { ...queue, ORB_ALLOW_ADDRESSES: "127.0.0.0/8" },
    processor: queue,
    "result-worker": store,
    webui: {},
    renderer: {},
  };
}

async function crawl(database: Database, seed: string): Promise<void> {
  const script = { source: benchScript(seed), ...(await compileScript(benchScript(seed), "bench.ts")) };
  const pace = { rate: UNLIMITED, burst: UNLIMITED };
  await putProject(database, PROJECT, { changes: { status: "RUNNING", ...pace, script }, defaults: pace });
  await addToInbox(database, { kind: "follows", project: PROJECT, follows: [startTask] });
  await until("the crawl is over", async () => isOver(await readRunState(database, PROJECT), false), DEADLINE_MS, LOOK_MS);
}

function costOf(fleet: Fleet) {
  const processes = [
    ...fleet.all.map(({ role, pid }) => ({ name: role as string, pid })),
    ...["redis-server", "postgres"].map((name) => ({ name, pid: childNamed(name) })),
  ];
  const shares = processes.map(({ name, pid }) => ({ name, cpuSeconds: treeCpuSeconds(pid) }));
  return {
    shares,
    cpuSeconds: shares.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    peakMiB: processes.reduce((sum, { pid }) => sum + treeMiB(pid), 0),
  };
}

const sharesOf = (shares: { name: string; cpuSeconds: number }[], pages: number): Figures =>
  Object.fromEntries(shares.map(({ name, cpuSeconds }) => [`cpuSecondsPer1000Pages of ${name}`, cpuSeconds / (pages / 1_000)]));
