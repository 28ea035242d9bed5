import assert from "node:assert/strict";
import { test } from "node:test";
import { startSite } from "../../demo/site.ts";
import { expectedPages } from "../../demo/site-kinds.ts";
import type { StoreLogin } from "../../stacks/render/postgres-rights.ts";
import type { RoleLogin } from "../../stacks/render/redis-rights.ts";
import { apiClient } from "../fixtures/api-client.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled } from "../fixtures/postgres-server.ts";
import { startPostgresWithLogins } from "../fixtures/postgres-with-logins.ts";
import { REDIS_IS_MISSING, redisIsInstalled } from "../fixtures/redis-server.ts";
import { startRedisWithLogins } from "../fixtures/redis-with-logins.ts";
import { createFleet, type RoleName } from "../fixtures/role-processes.ts";
import { siteScript } from "../fixtures/site-script.ts";
import { until } from "../fixtures/until.ts";

const PAGES = 1_000;
const TOKEN = "a-token-for-this-test-alone";
const TWO_OF_EACH: RoleName[] = ["scheduler", "fetcher", "processor", "result-worker", "webui"];
const skip = (!redisIsInstalled && REDIS_IS_MISSING) || (!postgresIsInstalled && POSTGRES_IS_MISSING);

test("two replicas of each role, one of each killed, Redis emptied once: every page is stored exactly once", {
  skip,
  timeout: 180_000,
}, async () => {
  await using site = await startSite({ pages: PAGES });
  await using redis = await startRedisWithLogins();
  await using postgres = await startPostgresWithLogins();
  const queue = (role: RoleLogin) => ({ ORB_REDIS_URL: redis.urlOf(role), ORB_LEASE_SECONDS: "2" });
  const store = (role: StoreLogin) => ({ ...queue(role), ORB_DATABASE_URL: postgres.urlOf(role) });
  await using fleet = createFleet({
    // Its last pages are those that fail for ever; ten of them in a row would hold the project back for five minutes.
    scheduler: { ...store("scheduler"), ORB_IN_FLIGHT_MIB: "51", ORB_FAILURES_TO_PAUSE: "0" },
    fetcher: { ...queue("fetcher"), ORB_ALLOW_ADDRESSES: "127.0.0.0/8" },
    processor: queue("processor"),
    "result-worker": store("result-worker"),
    webui: { ...store("webui"), ORB_ADMIN_TOKEN: TOKEN },
    renderer: {},
  });
  for (const role of TWO_OF_EACH) await Promise.all([fleet.start(role), fleet.start(role)]);
  const [, webui] = fleet.of("webui");
  const database = await postgres.as("owner");
  const stored = async () => {
    const [row] = await database.query<{ tasks: number }>("select count(*)::int as tasks from results");
    return row?.tasks ?? 0;
  };
  const api = apiClient(webui?.url, TOKEN);

  await api("PUT", "/projects/site", { script: siteScript(site.origin), status: "RUNNING", rate: 100_000, burst: 100_000 });
  await api("POST", "/projects/site/run");
  for (const [index, role] of TWO_OF_EACH.entries()) {
    await until(`some more results before a ${role} is killed`, async () => (await stored()) >= 100 * (index + 1));
    const [lease] = await database.query<{ holder: string }>("select holder from scheduler_lease");
    const active = fleet.of(role).find(({ pid }) => lease?.holder.endsWith(`:${pid}`));
    (active ?? fleet.of(role)[0])?.signal("SIGKILL");
  }
  await until("some more results before Redis is emptied", async () => (await stored()) >= 700);
  await redis.empty();
  await until(
    "nothing is pending",
    async () => {
      const [totals] = await database.query<{ pending: number; success: number }>("select pending, success from project_totals");
      return totals?.pending === 0 && totals.success > 1;
    },
    120_000,
  ).catch(async (error: Error) => {
    const left = await database.query("select taskid, url, status, queue, attempt, retried from tasks where queue is not null limit 5");
    throw new Error([error.message, JSON.stringify(left), fleet.logs()].join("\n"));
  });

  const exported = await (await api("GET", "/projects/site/results?format=jsonl")).text();
  const rows = exported
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { result: { url: string; title: string } });
  const expected = expectedPages(PAGES).map(({ finalPath, plainTitle }) => `${site.origin}${finalPath} ${plainTitle}`);
  const crawled = rows.map(({ result }) => `${result.url} ${result.title}`).filter((line) => !line.startsWith(`${site.origin}/ `));
  assert.deepEqual(crawled.sort(), expected.sort());
  const unfinished = await database.query("select taskid, status, queue from tasks where queue is not null");
  assert.deepEqual(unfinished, []);
});
