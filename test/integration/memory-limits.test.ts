/**
 * Question: do the roles stay within the memory that the reference deployment gives them, as the kernel counts it in a container?
 * Workload: 5,000 pages of 5 KB with 20 links each; then pages of up to 8 MB, compressed ones that become 16 MB, and bombs; Redis and Postgres real.
 * Reports:  the most that each role took at a time, and that the kernel killed none.
 */

import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { connectPostgres } from "../../services/core/store/postgres.ts";
import type { Database } from "../../services/core/store/sql.ts";
import { apiClient } from "../fixtures/api-client.ts";
import { createMemoryGroup, MEMORY_GROUPS_MISSING, type MemoryGroup, memoryGroupsWork } from "../fixtures/memory-group.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled, startPostgres } from "../fixtures/postgres-server.ts";
import { REDIS_IS_MISSING, redisIsInstalled, startRedis } from "../fixtures/redis-server.ts";
import { imageEnvironment } from "../fixtures/role-image.ts";
import { createFleet, type RoleName } from "../fixtures/role-processes.ts";
import { startSite } from "../fixtures/site.ts";
import { expectedPages } from "../fixtures/site-kinds.ts";
import { siteScript } from "../fixtures/site-script.ts";
import { temporaryDirectory } from "../fixtures/temporary-directory.ts";
import { until } from "../fixtures/until.ts";

const MIB = 2 ** 20;
/** pyspider's public demo (docs/Deployment-demo.pyspider.org.md); the scheduler's is ours. */
const LIMITS_MIB = { scheduler: 384, fetcher: 128, processor: 256, "result-worker": 256, webui: 256 } as const;
const ROLES = Object.keys(LIMITS_MIB) as (keyof typeof LIMITS_MIB)[];
const PAGES = 5_000;
const TOKEN = "a-token-for-this-test-alone";
const skip =
  (!memoryGroupsWork && MEMORY_GROUPS_MISSING) || (!redisIsInstalled && REDIS_IS_MISSING) || (!postgresIsInstalled && POSTGRES_IS_MISSING);

/** One replica of each role, within its limit, set as the stacks set it. */
async function startLimitedFleet(allowAddresses: string) {
  await using opening = new AsyncDisposableStack();
  const directory = opening.use(temporaryDirectory());
  const image = imageEnvironment(directory.path, ROLES);
  const [redis, postgres] = [opening.use(await startRedis()), opening.use(await startPostgres())];
  const queue = { ...image, ORB_REDIS_URL: redis.url };
  const store = { ...queue, ORB_DATABASE_URL: postgres.url };
  const groups = new Map<RoleName, MemoryGroup>(ROLES.map((role) => [role, opening.use(createMemoryGroup(LIMITS_MIB[role] * MIB))]));
  const fleet = opening.use(
    createFleet({
      scheduler: { ...store, ORB_FAILURES_TO_PAUSE: "0" },
      fetcher: { ...queue, ORB_ALLOW_ADDRESSES: allowAddresses, ORB_CONCURRENCY: "32", ORB_BODY_BUDGET_MIB: "12" },
      processor: { ...queue, ORB_SCRIPT_PROCESSES: "1", ORB_SCRIPT_MEMORY_MIB: "160" },
      "result-worker": store,
      webui: { ...store, ORB_ADMIN_TOKEN: TOKEN },
      renderer: {},
    }),
  );
  for (const role of ROLES) await fleet.start(role, {}, groups.get(role));
  const database = opening.adopt(await connectPostgres(postgres.url), (opened) => opened.close());
  const stack = opening.move();
  return { fleet, groups, database, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

type LimitedFleet = Awaited<ReturnType<typeof startLimitedFleet>>;

/** Runs a script from onStart until nothing of it is left to do. */
async function crawl({ fleet, database, groups }: LimitedFleet, script: string): Promise<void> {
  const api = apiClient(fleet.of("webui")[0]?.url, TOKEN);
  await api("PUT", "/projects/site", { script, status: "RUNNING", rate: 100_000, burst: 100_000 });
  await api("POST", "/projects/site/run");
  const isOver = async () => {
    assertNoneKilled(groups);
    const [totals] = await database.query<{ pending: number; success: number }>("select pending, success from project_totals");
    return totals?.pending === 0 && totals.success > 1;
  };
  await until("nothing is pending", isOver, 240_000).catch((error: Error) => {
    throw new Error(`${error.message}\n${fleet.logs()}`);
  });
}

function assertNoneKilled(groups: Map<RoleName, MemoryGroup>): void {
  const killed = [...groups].filter(([, group]) => group.use().oomKills > 0).map(([role]) => role);
  assert.deepEqual(killed, [], "the kernel killed what passed its limit");
}

function report(t: TestContext, { groups }: LimitedFleet): void {
  const peaks = [...groups].map(([role, group]) => `${role} ${Math.round(group.use().peakBytes / MIB)}`);
  t.diagnostic(`MiB at most: ${peaks.join(", ")}`);
}

const countOf = async (database: Database, table: string) => {
  const [row] = await database.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return row?.count;
};

test("a crawl of 5,000 pages stays within the memory of the reference deployment", { skip, timeout: 280_000 }, async (t) => {
  await using site = await startSite({ pages: PAGES });
  await using limited = await startLimitedFleet("127.0.0.0/8");

  await crawl(limited, siteScript(site.origin));

  report(t, limited);
  assert.equal(await countOf(limited.database, "results"), expectedPages(PAGES).length + 1);
  assertNoneKilled(limited.groups);
});

/** Of several kinds in turn, so that many large ones are under way at once. */
const bulkyScript = (origin: string) => `
import { Crawler, type Response } from "orbweaver";

const KINDS = ["sized/100000", "sized/1000000", "sized/8000000", "packed/gzip/16000000", "packed/br/60000000", "packed/deflate/5000000", "sized/3000000"];

export default class Bulky extends Crawler {
  retryDelay = [0, 1, 1];

  onStart() {
    for (let n = 0; n < 140; n++) this.crawl(\`${origin}/bulky/\${KINDS[n % KINDS.length]}/\${n}\`, { callback: this.page, robotsTxt: false });
  }

  page(response: Response) {
    return { url: response.url, bytes: response.content.length, rest: "x".repeat(200_000) };
  }
}
`;

test("pages of megabytes, and such as become that large, stay within it too", { skip, timeout: 280_000 }, async (t) => {
  await using site = await startSite();
  await using limited = await startLimitedFleet("127.0.0.0/8");

  await crawl(limited, bulkyScript(site.origin));

  report(t, limited);
  const failures = await limited.database.query<{ code: string; tasks: number }>(
    `select track->'process'->'error'->>'code' as code, count(*)::int as tasks from tasks
     where taskid not like 'on_%' and taskid not like '\\_%' group by 1 order by 1`,
  );
  t.diagnostic(JSON.stringify(failures));
  assert.deepEqual(
    failures.filter(({ code }) => code !== null && code !== "E_SCRIPT_MEMORY"),
    [{ code: "E_BODY_TOO_LARGE", tasks: 20 }],
  );
  assertNoneKilled(limited.groups);
});
