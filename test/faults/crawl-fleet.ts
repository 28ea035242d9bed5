/** The servers and the supervised roles that faults affect, with a REST client that retries until it gets an answer. */
import { connectPostgres } from "../../services/core/store/postgres.ts";
import type { Database, Sql } from "../../services/core/store/sql.ts";
import { classifyStoreFailure } from "../../services/result-worker/store-failure.ts";
import { skipWithoutChromium } from "../fixtures/browser.ts";
import { type PostgresServer, startPostgres } from "../fixtures/postgres-server.ts";
import { type RedisServer, startRedis } from "../fixtures/redis-server.ts";
import type { RoleName } from "../fixtures/role-processes.ts";
import { findFreePort } from "../fixtures/server-process.ts";
import { type SupervisedFleet, superviseFleet } from "../fixtures/supervised-fleet.ts";
import { until } from "../fixtures/until.ts";

const TOKEN = "a-token-for-this-test-alone";
export const LEASE_SECONDS = 2;
/** All that this machine can run: the renderer needs Chromium. */
export const ROLES: RoleName[] = ["scheduler", "fetcher", "processor", "result-worker", "webui"];
export const RENDERS = skipWithoutChromium === false;
if (RENDERS) ROLES.push("renderer");
/** A page waits half a second for its network to be quiet: with two tabs the rendered pages alone would go on for a minute after all others. */
const TABS = 6;
/** Longer than any outage. */
const ANSWER_MS = 60_000;

export interface CrawlFleet extends AsyncDisposable {
  fleet: SupervisedFleet;
  redis: RedisServer;
  postgres: PostgresServer;
  /** Of the test's own; its queries are tried again while Postgres is away. */
  database: Sql;
  /** Repeats a request until a web UI answers it successfully. */
  ask(method: string, path: string, body?: object): Promise<void>;
}

/** Two replicas of each role, one renderer, on a Redis and a Postgres of their own, all on loopback. */
export async function startCrawlFleet(): Promise<CrawlFleet> {
  await using stack = new AsyncDisposableStack();
  const redis = stack.use(await startRedis());
  const postgres = stack.use(await startPostgres());
  const rendererPort = String(await findFreePort());
  const queue = { ORB_REDIS_URL: redis.url, ORB_LEASE_SECONDS: String(LEASE_SECONDS) };
  const store = { ...queue, ORB_DATABASE_URL: postgres.url };
  const site = { ORB_ALLOW_ADDRESSES: "127.0.0.0/8" };
  const variables: Record<RoleName, Record<string, string>> = {
    // The pages that fail for ever come in a row at the end; ten of them would hold the project back for five minutes.
    scheduler: { ...store, ORB_FAILURES_TO_PAUSE: "0" },
    fetcher: { ...queue, ...site, ...(RENDERS ? { ORB_RENDERER_URL: `http://127.0.0.1:${rendererPort}` } : {}) },
    processor: queue,
    "result-worker": store,
    webui: { ...store, ORB_ADMIN_TOKEN: TOKEN },
    renderer: { ...site, ORB_PORT: rendererPort, ORB_TABS: String(TABS) },
  };
  const replicas = Object.fromEntries(ROLES.map((role) => [role, role === "renderer" ? 1 : 2]));
  const fleet = stack.use(await superviseFleet(variables, replicas));
  const connection = await connectPostgres(postgres.url);
  stack.defer(() => connection.close());
  const owned = stack.move();
  return {
    ...{ fleet, redis, postgres },
    database: patient(connection),
    ask: (method, path, body) => askUntilAnswered(fleet, method, path, body),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function askUntilAnswered(fleet: SupervisedFleet, method: string, path: string, body?: object): Promise<void> {
  let last = "";
  const tryOnce = async () => {
    for (const { url } of fleet.of("webui")) {
      const headers = { authorization: `Bearer ${TOKEN}`, ...(body ? { "content-type": "application/json" } : {}) };
      const request = { method, headers, signal: AbortSignal.timeout(3_000), ...(body ? { body: JSON.stringify(body) } : {}) };
      const answer = await fetch(`${url}/api/v1${path}`, request).catch((error: Error) => error);
      if (answer instanceof Response && answer.ok) return true;
      last = answer instanceof Response ? `${answer.status} ${await answer.text()}` : answer.message;
    }
    return false;
  };
  await until(`${method} ${path} is answered`, tryOnce, ANSWER_MS).catch((error: Error) => {
    throw new Error(`${error.message} (last: ${last})`);
  });
}

function patient(connection: Database): Sql {
  const again = async <T>(work: () => Promise<T>) => {
    const answer = await until("Postgres answers", () => work().then((value) => ({ value }), unlessAway), ANSWER_MS);
    return answer.value;
  };
  return {
    query: (text, params) => again(() => connection.query(text, params)),
    exec: (text) => again(() => connection.exec(text)),
  };
}

function unlessAway(error: unknown): undefined {
  if (classifyStoreFailure(error) !== "passing") throw error;
}
