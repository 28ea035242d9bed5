/** A scheduler whose terms fail repeatedly reports that to a balancer and to an operator. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { POSTGRES_IS_MISSING, postgresIsInstalled } from "../fixtures/postgres-server.ts";
import { startPostgresWithLogins } from "../fixtures/postgres-with-logins.ts";
import { REDIS_IS_MISSING, redisIsInstalled, startRedis } from "../fixtures/redis-server.ts";
import { createFleet } from "../fixtures/role-processes.ts";
import { until } from "../fixtures/until.ts";

const skip = (!redisIsInstalled && REDIS_IS_MISSING) || (!postgresIsInstalled && POSTGRES_IS_MISSING);

test("healthz is 503 with the reason while all terms fail, livez stays 200, and a term that holds restores healthz", {
  skip,
  timeout: 90_000,
}, async () => {
  await using redis = await startRedis();
  await using postgres = await startPostgresWithLogins();
  const environment = { ORB_REDIS_URL: redis.url, ORB_DATABASE_URL: postgres.urlOf("scheduler") };
  await using fleet = createFleet({ scheduler: environment, fetcher: {}, processor: {}, "result-worker": {}, webui: {}, renderer: {} });
  const { url } = await fleet.start("scheduler");
  const health = async () => {
    const answer = await fetch(`${url}/healthz`);
    return `${answer.status} ${(await answer.text()).trim()}`;
  };

  // Read each second, by terms that began before, too.
  await postgres.superuser.query("revoke select on inbox from scheduler");
  await until("the health is bad", async () => (await health()).startsWith("503"), 30_000);
  const failing = [await health(), (await fetch(`${url}/livez`)).status] as const;
  await postgres.superuser.query("grant select on inbox to scheduler");
  await until("the health is good", async () => (await health()).startsWith("200"), 30_000);

  assert.match(failing[0], /^503 scheduling failed \d+ times in a row: permission denied for table inbox$/);
  assert.equal(failing[1], 200);
});
