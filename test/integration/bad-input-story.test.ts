/** All errors of scripts and sites at the same time, during a normal crawl. */

import assert from "node:assert/strict";
import { test } from "node:test";
import pino from "pino";
import { startSite } from "../../demo/site.ts";
import { expectedPages } from "../../demo/site-kinds.ts";
import { connectRedisQueues } from "../../services/core/queue/redis.ts";
import { connectPostgres } from "../../services/core/store/postgres.ts";
import type { Database } from "../../services/core/store/sql.ts";
import type { TaskTrack } from "../../services/scheduler/store/scheduling.ts";
import { type Api, apiClient } from "../fixtures/api-client.ts";
import { type BadRow, badPages, badScripts, UNCOMPILED } from "../fixtures/bad-input.ts";
import { POSTGRES_IS_MISSING, postgresIsInstalled, startPostgres } from "../fixtures/postgres-server.ts";
import { REDIS_IS_MISSING, redisIsInstalled, startRedis } from "../fixtures/redis-server.ts";
import { createFleet, type Fleet, type RoleName } from "../fixtures/role-processes.ts";
import { startRudeServer } from "../fixtures/rude-server.ts";
import { readScript } from "../fixtures/sandbox.ts";
import { siteScript } from "../fixtures/site-script.ts";
import { until } from "../fixtures/until.ts";

const PAGES = 300;
const TOKEN = "a-token-for-this-test-alone";
const ROLES: RoleName[] = ["scheduler", "fetcher", "processor", "result-worker", "webui"];
/** No task may take longer, whatever it does: the largest limit that one has is 60 s. */
const MAX_RUN_MS = 61_000;
const skip = (!redisIsInstalled && REDIS_IS_MISSING) || (!postgresIsInstalled && POSTGRES_IS_MISSING);

test("each bad script and page ends in its own task's error, and a normal crawl at the same time stores every page", {
  skip,
  timeout: 290_000,
}, async (t) => {
  await using rude = await startRudeServer({ host: "127.0.0.2" });
  await using story = await startStory(PAGES);
  const { site, redis, fleet, database, api } = story;
  const rows = [...badScripts(site.origin), ...badPages(site.origin, rude)];

  await api("PUT", "/projects/healthy", { script: siteScript(site.origin), status: "RUNNING", rate: 100_000, burst: 100_000 });
  for (const [project, tasks] of Map.groupBy(rows, (row) => row.project)) await putHostile(api, project, tasks);
  for (const project of ["healthy", ...new Set(rows.map((row) => row.project))]) await api("POST", `/projects/${project}/run`);
  await untilNothingIsPending(database, rows, fleet);

  for (const row of rows) {
    await t.test(`${row.name} ${row.code === undefined ? "does no harm" : `fails with ${row.code}`}`, async () => {
      const answer = await api("GET", `/tasks/${row.project}/${encodeURIComponent(row.name)}`);
      const task = (await answer.json()) as { status: string; track: TaskTrack };
      const { error, timeMs } = task.track.process;
      const message = error?.message ?? "";
      assert.equal(error?.code, row.code, message);
      assert.match(message, row.message);
      assert.equal(task.status, row.code === undefined ? "SUCCESS" : "FAILED");
      assert.ok(timeMs < MAX_RUN_MS && task.track.fetch.timeMs < MAX_RUN_MS, `${timeMs} ms`);
    });
  }
  for (const [name, source] of Object.entries(UNCOMPILED)) {
    await t.test(`${name} is refused with its line when it is saved`, async () => {
      await assert.rejects(putScript(api, source), /hostile\.ts:\d+:\d+/);
    });
  }
  await t.test("the normal crawl stores every page once, the queues are empty, and no role has ended", async () => {
    const results = await database.query<{ url: string }>("select url from results where project = 'healthy'");
    const expected = expectedPages(PAGES).map(({ path }) => `${site.origin}${path}`);
    assert.deepEqual(results.map(({ url }) => url).sort(), [`${site.origin}/`, ...expected].sort());
    await assertNothingIsLeft(database, redis.url);
    assert.deepEqual(fleet.all.length, ROLES.flatMap((role) => fleet.of(role)).length, "no role has ended");
  });
});

/** It takes a second or two where nothing else runs. */
const CROWDED_MS = 120_000;
/** Each would fill the queues of a whole fleet. */
const CROWDS: Record<string, { ask: string; page: string }> = {
  loops: { ask: "`ORIGIN/page/1`", page: "for (;;);" },
  trickles: { ask: "`ORIGIN/special/trickle`", page: "return 1;" },
  floods: {
    ask: "'data:,'",
    page: "for (let n = 0; n < 9999; n++) this.crawl('data:,', { callback: this.page, taskid: n + ' ' + Math.random() });",
  },
  messages: { ask: "'data:,'", page: "for (let n = 0; n < 1000; n++) this.sendMessage('healthy', n);" },
};

for (const [crowd, { ask, page }] of Object.entries(CROWDS)) {
  test(`a project with a thousand ${crowd} does not delay other projects`, { skip, timeout: 180_000 }, async () => {
    await using story = await startStory(100);
    const { site, database, api } = story;
    const running = { status: "RUNNING", rate: 100_000, burst: 100_000 };
    const members = `onStart() { for (let n = 0; n < 1000; n++) this.crawl(${ask}, { callback: this.page, taskid: String(n) }); } page() { ${page} }`;
    const script = `import { Crawler } from "orbweaver"; export default class extends Crawler { ${members.replace("ORIGIN", site.origin)} }`;
    const count = async (text: string) =>
      (await database.query<{ count: number }>(`select count(*)::int as count from ${text}`))[0]?.count ?? 0;
    await api("PUT", "/projects/crowd", { script, ...running });
    await api("PUT", "/projects/healthy", { script: siteScript(site.origin), ...running });
    await api("POST", "/projects/crowd/run");
    await until(
      "all requests are running",
      async () => (await count("tasks where project = 'crowd' and queue = 3 and taskid not like '\\_%'")) > 0,
    );

    await api("POST", "/projects/healthy/run");

    await until(
      "the other project has every page",
      async () => (await count("results where project = 'healthy'")) === expectedPages(100).length + 1,
      CROWDED_MS,
    );
    assert.ok((await count("tasks where project = 'crowd' and queue is not null")) > 500);
    assert.equal(await count("tasks where project = 'healthy' and taskid like '\\_on_message%'"), 0);
  });
}

/** One of each role, on a Redis and a Postgres of their own, and a site. 127.0.0.2 stands for the public web; all that means 127.0.0.1 is private. */
async function startStory(pages: number) {
  await using opening = new AsyncDisposableStack();
  const site = opening.use(await startSite({ pages, host: "127.0.0.2" }));
  const redis = opening.use(await startRedis());
  const postgres = opening.use(await startPostgres());
  const fleet = opening.use(fleetOn(redis.url, postgres.url));
  await Promise.all(ROLES.map((role) => fleet.start(role)));
  const database = opening.adopt(await connectPostgres(postgres.url), (opened) => opened.close());
  const stack = opening.move();
  const api = apiClient(fleet.of("webui")[0]?.url, TOKEN);
  return { site, redis, fleet, database, api, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

function fleetOn(redisUrl: string, databaseUrl: string): Fleet {
  const queue = { ORB_REDIS_URL: redisUrl };
  const store = { ...queue, ORB_DATABASE_URL: databaseUrl };
  const rebinding = new URL("../fixtures/rebinding-main.ts", import.meta.url).href;
  return createFleet({
    // A pause would end the attacks.
    scheduler: { ...store, ORB_FAILURES_TO_PAUSE: "0" },
    fetcher: { ...queue, ORB_ALLOW_ADDRESSES: "127.0.0.2/32", NODE_OPTIONS: `--import=${rebinding}` },
    processor: { ...queue, ORB_SCRIPT_PROCESSES: "2" },
    "result-worker": store,
    webui: { ...store, ORB_ADMIN_TOKEN: TOKEN },
    renderer: {},
  });
}

/** A project whose `onStart` requests one task per row, by the row's name. */
async function putHostile(api: Api, project: string, rows: BadRow[]): Promise<void> {
  const asked = rows
    .filter(({ isFollowed }) => !isFollowed)
    .map(({ name, url, callback = "honest", options }) => [url, { callback, taskid: name, retries: 0, ...options }]);
  const start = `onStart() { for (const [url, options] of ${JSON.stringify(asked)}) this.crawl(url, options); }`;
  const source = await readScript("hostile");
  const script = source.replace("extends Crawler {", `extends Crawler { retryDelay = 0; ${start}`);
  await api("PUT", `/projects/${project}`, { script, status: "RUNNING", rate: 100_000, burst: 100_000 });
}

const putScript = (api: Api, script: string) => api("PUT", "/projects/hostile", { script });

async function untilNothingIsPending(database: Database, rows: BadRow[], fleet: Fleet): Promise<void> {
  const projects = new Set(rows.map(({ project }) => project)).size + 1;
  const ended = async () => {
    const [row] = await database.query<{ ended: number }>(
      "select count(*)::int as ended from project_totals where pending = 0 and success > 0 and (success > 1 or failed > 0)",
    );
    return row?.ended === projects;
  };
  await until("nothing is pending", ended, 240_000).catch(async (error: Error) => {
    const left = await database.query("select project, taskid, status, queue, attempt, track from tasks where queue is not null limit 5");
    throw new Error([error.message, JSON.stringify(left), fleet.logs()].join("\n"));
  });
}

async function assertNothingIsLeft(database: Database, redisUrl: string): Promise<void> {
  const unfinished = await database.query("select project, taskid, status, queue from tasks where queue is not null");
  const parked = await database.query("select project, taskid, evidence from dead_letters");
  const queues = await connectRedisQueues({ url: redisUrl, leaseMs: 15_000, log: pino({ level: "silent" }) });
  const depth = await queues.depth();
  await queues.close();

  assert.deepEqual(unfinished, []);
  assert.deepEqual(parked, []);
  for (const [queue, { ready, leased }] of Object.entries(depth)) assert.deepEqual([queue, ready, leased], [queue, 0, 0]);
}
