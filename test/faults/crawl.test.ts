/**
 * A crawl while everything that it needs is killed, stopped, emptied and restarted: in the end it is exactly the site.
 *
 * Two seeds of 3,000 pages; with `./orb test --long` fifty of 20,000. `SEED=…` repeats one.
 */
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import pino from "pino";
import { startSite } from "../../demo/site.ts";
import { connectRedisQueues } from "../../services/core/queue/redis.ts";
import type { Sql } from "../../services/core/store/sql.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled } from "../fixtures/postgres-server.ts";
import { seedsOf } from "../fixtures/random.ts";
import { REDIS_IS_MISSING, redisIsInstalled } from "../fixtures/redis-server.ts";
import { until } from "../fixtures/until.ts";
import { type CrawlFleet, LEASE_SECONDS, RENDERS, ROLES, startCrawlFleet } from "./crawl-fleet.ts";
import { expectedEnd, isDone, readEnd, waitingIn } from "./end-state.ts";
import { describeBlow, drawFaults, type FaultPlan } from "./fault-plan.ts";
import { brokenScript, clockScript, LEDGER_SCRIPT, siteScript } from "./fault-scripts.ts";
import { kill, strike, type Target } from "./strike.ts";

const LONG = process.env.TEST_LONG === "1";
const PAGES = LONG ? 20_000 : 3_000;
/** Slow enough that every blow falls into the crawl. */
const PAGES_PER_SECOND = 400;
/** Longer than anything that a fault costs: after it, something is stuck. */
const STUCK_MS = 120_000;
const skip = (!redisIsInstalled && REDIS_IS_MISSING) || (!postgresIsInstalled && POSTGRES_IS_MISSING);

for (const seed of seedsOf(LONG ? 50 : 2)) {
  const title = `${PAGES} pages under the faults of seed ${seed} end as exactly the site (SEED=${seed} repeats it)`;
  test(title, { skip, timeout: LONG ? 1_500_000 : 500_000 }, (context) => crawlUnderFaults(seed, context));
}

async function crawlUnderFaults(seed: number, context: TestContext): Promise<void> {
  await using site = await startSite({ pages: PAGES });
  await using crawl = await startCrawlFleet();
  const began = Date.now();
  const say = (text: string) => context.diagnostic(`${((Date.now() - began) / 1_000).toFixed(1)} s: ${text}`);

  try {
    await startProjects(crawl, site.origin);
    await strikeUntilDone(drawFaults(seed, ROLES, LONG ? 12 : 4), crawl, say);
    await untilQuiet(crawl);
    const end = await readEnd(crawl.database);
    assert.deepEqual(end, expectedEnd({ origin: site.origin, pages: PAGES, rendered: RENDERS }));
    assert.deepEqual(await brokenTasks(crawl.database), ["floods 3", "hoards 3", "loops 3", "throws 3"]);
  } catch (error) {
    say(`what the roles wrote is in ${keepEvidence(seed, crawl.fleet.logs())}`);
    say(`left over: ${(await readEnd(crawl.database)).leftOver.slice(0, 20).join("\n")}`);
    throw error;
  }
  say(`${[...site.requests.values()].reduce((sum, count) => sum + count)} requests`);
}

function keepEvidence(seed: number, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "orb-faults-")), `${seed}.log`);
  writeFileSync(path, text);
  return path;
}

async function startProjects({ ask }: CrawlFleet, origin: string): Promise<void> {
  const scripts = { ledger: LEDGER_SCRIPT, clock: clockScript(true), broken: brokenScript(origin), site: siteScript(origin, RENDERS) };
  for (const [name, script] of Object.entries(scripts)) {
    await ask("PUT", `/projects/${name}`, { script, status: "RUNNING", rate: PAGES_PER_SECOND, burst: PAGES_PER_SECOND });
  }
  for (const name of ["broken", "site"]) await ask("POST", `/projects/${name}/run`);
}

/** Strikes whenever so much of the site is crawled, then waits for the crawl's end. */
async function strikeUntilDone({ blows, kills }: FaultPlan, crawl: CrawlFleet, say: (text: string) => void): Promise<void> {
  const { database } = crawl;
  const target: Target = { ...crawl, leaseMs: LEASE_SECONDS * 1_000, activeScheduler: () => activeScheduler(database) };
  const strikeAll = async () => {
    for (const blow of blows) {
      await untilCrawled(database, blow.at * PAGES);
      say(`${describeBlow(blow)}, at ${Math.round(blow.at * 100)} %`);
      await strike(blow, target);
    }
  };
  const killAll = async () => {
    for (const one of kills) {
      await untilCrawled(database, one.at * PAGES);
      kill(one, target);
    }
  };
  await Promise.all([strikeAll(), killAll()]);
  await crawl.ask("PUT", "/projects/clock", { script: clockScript(false), status: "RUNNING" });
  await until("nothing is pending", () => isDone(database, ["site", "clock", "ledger", "broken"]), STUCK_MS);
}

/** The scheduler's own count: counting rows again and again would cost more than the crawl. */
async function untilCrawled(database: Sql, pages: number): Promise<void> {
  const crawled = async () => {
    const [row] = await database.query<{ success: number }>("select success::int from project_totals where project = 'site'");
    return (row?.success ?? 0) >= pages;
  };
  await until(`${Math.round(pages)} pages`, crawled, STUCK_MS);
}

async function activeScheduler(database: Sql): Promise<number | undefined> {
  const [lease] = await database.query<{ holder: string }>("select holder from scheduler_lease where expires > now()");
  return lease && Number(lease.holder.split(":").at(-1));
}

/** What a worker did for nothing still travels when the last task has ended. */
async function untilQuiet({ redis }: CrawlFleet): Promise<void> {
  const queues = await connectRedisQueues({ url: redis.url, leaseMs: LEASE_SECONDS * 1_000, log: pino({ level: "silent" }) });
  await until("the queues are empty", async () => (await waitingIn(queues)).length === 0, STUCK_MS).finally(() => queues.close());
}

async function brokenTasks(database: Sql): Promise<string[]> {
  const rows = await database.query<{ callback: string; status: number }>(
    "select process->>'callback' as callback, status from tasks where project = 'broken' and url like 'http%' order by 1",
  );
  return rows.map(({ callback, status }) => `${callback} ${status}`);
}
